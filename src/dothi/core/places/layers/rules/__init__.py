"""What holds of layers without a database: slugs, fields, text, shapes, styles."""
