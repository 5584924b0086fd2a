"""Small stand-ins and real processes that tests share."""
