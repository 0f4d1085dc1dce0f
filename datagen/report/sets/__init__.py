"""The sets that a report compares: read, narrowed to what they share, their titles cut into words."""
