//! Nothing: what its manifest asks for is all that it is for.
