"""One file a tool whose output can be read: `NAME`, `recognises(text)`, `read(source)`."""
