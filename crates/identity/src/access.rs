//! Who may do what: roles with their permissions, and labels that raise levels.

mod labels;
mod operation;
mod role;
mod roles;

pub use labels::{Label, LabelScope, Labels, LevelRule, MAX_LABELS};
pub use operation::OperationPattern;
pub use role::{MAX_ROLE_BYTES, Role};
pub use roles::{MAX_PERMISSIONS, Roles};

pub(crate) use labels::is_verified;
pub(crate) use roles::keep_a_superadmin;
