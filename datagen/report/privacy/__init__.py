"""Whether synthetic rows tell which real rows they were made from."""
