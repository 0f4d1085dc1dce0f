"""Pictures by address: many at once, politely, each checked before it is kept."""
