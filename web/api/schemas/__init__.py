"""What goes over the wire: marshmallow schemas, one noun a file."""
