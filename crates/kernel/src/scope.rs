//! On whose behalf something is done, and in which business.

use crate::{BusinessId, CallId, Permission, PermissionSet, Problem, Role, UserId};

/// Who acts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// A signed-in person.
    User { id: UserId, role: Role, session_id: i64 },
    /// A program with a key that a person made.
    ApiKey { id: i64, made_by: UserId },
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
    sees_money: bool,
    home: Option<BusinessId>,
    behind: Option<UserId>,
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
            sees_money: true,
            home: None,
            behind: None,
            request_id: request_id.into(),
        }
    }

    /// Without totals, reports, and other people's deals and invoices (`agents_see_money` is off).
    #[must_use]
    pub const fn without_money(mut self) -> Self {
        self.sees_money = false;
        self
    }

    /// The business whose user the actor is; an admin may act in another one.
    #[must_use]
    pub const fn of_user_in(mut self, home: BusinessId) -> Self {
        self.home = Some(home);
        self
    }

    /// The admin who acts under the actor's name.
    #[must_use]
    pub const fn by_admin(mut self, admin: UserId) -> Self {
        self.behind = Some(admin);
        self
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

    /// Whether totals, reports, and other people's deals and invoices are shown; where not, the fields are absent.
    pub const fn sees_money(&self) -> bool {
        self.sees_money
    }

    /// The acting user, when it is one of this scope's business: what a record of the business may point at.
    pub fn person(&self) -> Option<UserId> {
        let user = self.actor.user_id()?;
        match (self.home, self.reach) {
            (Some(home), Reach::One(business)) if home != business => None,
            _ => Some(user),
        }
    }

    /// The admin who acts under the actor's name, if one does.
    pub const fn admin_behind(&self) -> Option<UserId> {
        self.behind
    }

    /// The id of the request or webhook that this work comes from; goes into logs, audit and jobs.
    pub fn request_id(&self) -> &str {
        &self.request_id
    }

    pub fn may(&self, permission: Permission) -> bool {
        self.permissions.contains(permission)
    }

    /// 403 unless the permission is held; `impersonating` where it is a person's own and an admin acts under their name.
    pub fn require(&self, permission: Permission) -> Result<(), Problem> {
        if permission.in_person() && self.behind.is_some() {
            return Err(Problem::impersonating());
        }
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
