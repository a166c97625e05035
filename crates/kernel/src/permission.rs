//! Who may do what, as one table. The router, the OpenAPI document, the tests and the web app all read it.

use serde::{Deserialize, Serialize};

/// A person's role in a business.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Admin,
    Owner,
    Manager,
    Agent,
}

impl Role {
    pub const ALL: [Self; 4] = [Self::Admin, Self::Owner, Self::Manager, Self::Agent];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Owner => "owner",
            Self::Manager => "manager",
            Self::Agent => "agent",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }

    /// Whether this role stands above the other one: nobody makes or changes a user of a higher role than their own.
    pub const fn is_above(self, other: Self) -> bool {
        self.rank() > other.rank()
    }

    const fn rank(self) -> u8 {
        match self {
            Self::Admin => 3,
            Self::Owner => 2,
            Self::Manager => 1,
            Self::Agent => 0,
        }
    }

    /// Everything this role may do.
    pub fn permissions(self) -> PermissionSet {
        TABLE
            .iter()
            .filter(|(_, roles)| roles.contains(&self))
            .map(|(permission, _)| *permission)
            .collect()
    }
}

/// A licensed part of the product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Module {
    Crm,
    Calls,
    Whatsapp,
    Billing,
}

impl Module {
    pub const ALL: [Self; 4] = [Self::Crm, Self::Calls, Self::Whatsapp, Self::Billing];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Crm => "crm",
            Self::Calls => "calls",
            Self::Whatsapp => "whatsapp",
            Self::Billing => "billing",
        }
    }
}

macro_rules! permissions {
    (@) => { false };
    (@ in_person) => { true };
    ($($variant:ident = $name:literal, $module:expr, [$($role:ident),*] $(, $in_person:ident)?;)*) => {
        /// One thing that a person may or may not do.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Permission { $($variant),* }

        impl Permission {
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The name used in OpenAPI (`x-permission`) and in `GET /api/auth/me`.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// The module that must be licensed and on.
            pub const fn module(self) -> Option<Module> {
                match self { $(Self::$variant => $module),* }
            }

            /// Whether it is about what belongs to a person alone: how they sign in, where they are reached, what acts in
            /// their name. An admin who acts as somebody else does not have it.
            pub const fn in_person(self) -> bool {
                match self { $(Self::$variant => permissions!(@ $($in_person)?)),* }
            }

            const fn bit(self) -> u64 { 1 << self.index() }
            const fn index(self) -> u32 { let mut n = 0; $( if matches!(self, Self::$variant) { return n; } n += 1; )* let _ = n; 0 }
        }

        const TABLE: &[(Permission, &[Role])] = &[
            $((Permission::$variant, &[Role::Admin, $(Role::$role),*])),*
        ];
    };
}

// An admin may do everything, across businesses; the other roles stand in each row.
permissions! {
    OwnSession     = "session:own",     None,                 [Owner, Manager, Agent];
    OwnAccount     = "account:own",     None,                 [Owner, Manager, Agent], in_person;
    EventsRead     = "events:read",     None,                 [Owner, Manager, Agent];
    CustomersRead  = "customers:read",  Some(Module::Crm),    [Owner, Manager, Agent];
    CustomersWrite = "customers:write", Some(Module::Crm),    [Owner, Manager, Agent];
    TimelineRead   = "timeline:read",   Some(Module::Crm),    [Owner, Manager, Agent];
    TasksRead      = "tasks:read",      Some(Module::Crm),    [Owner, Manager, Agent];
    TasksWrite     = "tasks:write",     Some(Module::Crm),    [Owner, Manager, Agent];
    CallsRead      = "calls:read",      Some(Module::Calls),  [Owner, Manager, Agent];
    CallsWork      = "calls:work",      Some(Module::Calls),  [Owner, Manager, Agent];
    UsersRead      = "users:read",      None,                 [Owner, Manager, Agent];
    SettingsRead   = "settings:read",   None,                 [Owner, Manager, Agent];
    SettingsWrite  = "settings:write",  None,                 [Owner, Manager];
    UsersReset     = "users:reset_password", None,            [Owner, Manager];
    UsersCredentials = "users:credentials", None,             [Owner, Manager], in_person;
    ApiKeysManage  = "api_keys:manage", None,                 [Owner], in_person;
    AuditRead      = "audit:read",      None,                 [Owner];
    BusinessesRead  = "businesses:read",  None, [Owner, Manager, Agent];
    BusinessesWrite = "businesses:write", None, [];
    ModulesWrite    = "modules:write",    None, [Owner];
    UsersWrite      = "users:write",      None, [Owner, Manager];
    Impersonate     = "admin:impersonate", None, [];
    PlatformRead    = "admin:read",       None, [];
    PlatformWrite   = "admin:write",      None, [];
    CustomersDelete = "customers:delete", Some(Module::Crm),  [Owner, Manager];
    CustomersMerge  = "customers:merge",  Some(Module::Crm),  [Owner, Manager];
    CustomersForget = "customers:forget", Some(Module::Crm),  [Owner, Manager];
    FieldsRead      = "fields:read",      Some(Module::Crm),  [Owner, Manager, Agent];
    FieldsWrite     = "fields:write",     Some(Module::Crm),  [Owner, Manager];
    ViewsUse        = "views:use",        None,               [Owner, Manager, Agent];
    ViewsShare      = "views:share",      None,               [Owner, Manager];
    TasksDelete    = "tasks:delete",    Some(Module::Crm),    [Owner, Manager];
    Notifications  = "notifications:own", None,               [Owner, Manager, Agent];
    CustomersImport = "customers:import", Some(Module::Crm),  [Owner, Manager];
    CustomersExport = "customers:export", Some(Module::Crm),  [Owner, Manager];
    CustomersBulk  = "customers:bulk",  Some(Module::Crm),    [Owner, Manager];
    ExportAll      = "export:all",      None,                 [Owner];
    DealsRead      = "deals:read",      Some(Module::Crm),    [Owner, Manager, Agent];
    DealsWrite     = "deals:write",     Some(Module::Crm),    [Owner, Manager, Agent];
    DealsDelete    = "deals:delete",    Some(Module::Crm),    [Owner, Manager];
    PipelinesWrite = "pipelines:write", Some(Module::Crm),    [Owner, Manager];
    StatsRead      = "stats:read",      None,                 [Owner, Manager, Agent];
    ThreadsRead    = "threads:read",    Some(Module::Whatsapp), [Owner, Manager, Agent];
    ThreadsWrite   = "threads:write",   Some(Module::Whatsapp), [Owner, Manager, Agent];
    MessagesRead   = "messages:read",   Some(Module::Whatsapp), [Owner, Manager, Agent];
    MessagesSend   = "messages:send",   Some(Module::Whatsapp), [Owner, Manager, Agent];
    TemplatesWrite = "templates:write", Some(Module::Whatsapp), [Owner, Manager];
    WhatsappLink   = "whatsapp:link",   Some(Module::Whatsapp), [Owner];
}

/// A set of permissions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PermissionSet(u64);

impl PermissionSet {
    pub const fn contains(self, permission: Permission) -> bool {
        self.0 & permission.bit() != 0
    }

    /// What is in both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub fn iter(self) -> impl Iterator<Item = Permission> {
        Permission::ALL
            .iter()
            .copied()
            .filter(move |permission| self.contains(*permission))
    }
}

impl FromIterator<Permission> for PermissionSet {
    fn from_iter<I: IntoIterator<Item = Permission>>(permissions: I) -> Self {
        Self(
            permissions
                .into_iter()
                .fold(0, |bits, permission| bits | permission.bit()),
        )
    }
}
