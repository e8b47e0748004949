"""REST API of deliveries and requests' cost; dictionaries are in forms_catalog.api."""
