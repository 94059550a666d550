"""The statistics: tables and arrays in, tables out, nothing drawn."""
