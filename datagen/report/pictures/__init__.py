"""The pictures of a report: read, measured, compared, put to use, shown."""
