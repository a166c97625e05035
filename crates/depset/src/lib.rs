//! Nothing of its own: every outside crate with the features that the product uses, so that building one crate
//! (`cargo test -p kernel -p depset`) compiles the same dependencies as building the workspace.
