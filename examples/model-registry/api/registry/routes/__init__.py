"""HTTP: the contract's operations, our extensions, and the pages."""
