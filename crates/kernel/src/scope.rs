//! On whose behalf something is done, and in which business.

use crate::{BusinessId, CallId, Permission, PermissionSet, Problem, Role, UserId};

/// Who acts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// A signed-in person.
    User { id: UserId, role: Role, session_id: i64 },
    /// The AI agent in a call.
    Agent { call: CallId },
    /// A verified webhook of an outside company, by its name (`twilio`).
    Provider(&'static str),
    /// A job, by its kind.
    Job(&'static str),
}

impl Actor {
    pub fn user_id(&self) -> Option<UserId> {
        match self {
            Self::User { id, .. } => Some(*id),
            _ => None,
        }
    }
}

/// How far a scope reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    One(BusinessId),
    /// Every business: an admin's lists, read only.
    All,
}

/// Which records of the business the actor sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visibility {
    All,
    /// Records of this user and those that belong to nobody (`agent_visibility: own_and_unassigned`).
    OwnAndUnassigned(UserId),
}

/// The right to touch a business's data. Without one no query can be made.
///
/// `xtask tidy` allows [`Scope::mint`] in three files only: the session extractor, the verified webhook, the job runner.
#[derive(Clone, Debug)]
pub struct Scope {
    reach: Reach,
    actor: Actor,
    permissions: PermissionSet,
    visibility: Visibility,
    request_id: String,
}

impl Scope {
    pub fn mint(
        reach: Reach,
        actor: Actor,
        permissions: PermissionSet,
        visibility: Visibility,
        request_id: impl Into<String>,
    ) -> Self {
        Self {
            reach,
            actor,
            permissions,
            visibility,
            request_id: request_id.into(),
        }
    }

    pub const fn reach(&self) -> Reach {
        self.reach
    }

    /// The one business of this scope; an error for an admin's list over all of them.
    pub fn business(&self) -> Result<BusinessId, Problem> {
        match self.reach {
            Reach::One(business) => Ok(business),
            Reach::All => Err(Problem::malformed(
                "business_required",
                "name the business with business_id",
            )),
        }
    }

    pub const fn actor(&self) -> &Actor {
        &self.actor
    }

    pub const fn visibility(&self) -> Visibility {
        self.visibility
    }

    /// The id of the request or webhook that this work comes from; goes into logs, audit and jobs.
    pub fn request_id(&self) -> &str {
        &self.request_id
    }

    pub fn may(&self, permission: Permission) -> bool {
        self.permissions.contains(permission)
    }

    /// 403 unless the permission is held.
    pub fn require(&self, permission: Permission) -> Result<(), Problem> {
        if self.may(permission) {
            Ok(())
        } else {
            Err(Problem::forbidden(format!(
                "this needs the permission {}",
                permission.as_str()
            )))
        }
    }
}
