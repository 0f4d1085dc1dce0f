"""How close a synthetic catalogue is to a real one, how useful and how safe: numbers first, then a page."""
