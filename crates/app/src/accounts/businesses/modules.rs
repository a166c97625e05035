//! The modules of a business: licensed by the admin, switched on and off by the owner; both are needed.

use kernel::{Module, Problem, Role};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

/// A part of the product: `licensed` by the admin, `on` by the owner; both are needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ModuleState {
    pub licensed: bool,
    pub on: bool,
}

/// The modules of a business.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = BusinessModules)]
pub struct Modules {
    pub crm: ModuleState,
    pub calls: ModuleState,
    pub whatsapp: ModuleState,
    pub billing: ModuleState,
}

/// What changes of one module.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ModuleChange {
    /// The admin's.
    pub licensed: Option<bool>,
    pub on: Option<bool>,
}

/// A change of modules: what is not mentioned stays.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, ToSchema)]
#[schema(as = BusinessModulesChange)]
#[serde(deny_unknown_fields, default)]
pub struct ModulesChange {
    crm: Option<ModuleChange>,
    calls: Option<ModuleChange>,
    whatsapp: Option<ModuleChange>,
    billing: Option<ModuleChange>,
}

/// The modules as a business's row holds them; what it does not hold is off.
pub fn read(stored: &Value) -> Modules {
    let of = |module: Module| {
        let state = &stored[module.as_str()];
        ModuleState {
            licensed: state["licensed"] == true,
            on: state["on"] == true,
        }
    };
    Modules {
        crm: of(Module::Crm),
        calls: of(Module::Calls),
        whatsapp: of(Module::Whatsapp),
        billing: of(Module::Billing),
    }
}

/// The modules after a change by somebody of this role. 403 for a licence that is not the admin's to change, 409
/// `not_licensed` for switching on what has none.
pub fn changed(stored: &Value, change: &ModulesChange, by: Role) -> Result<Value, Problem> {
    let mut modules = read(stored);
    for (module, state, change) in [
        (Module::Crm, &mut modules.crm, change.crm),
        (Module::Calls, &mut modules.calls, change.calls),
        (Module::Whatsapp, &mut modules.whatsapp, change.whatsapp),
        (Module::Billing, &mut modules.billing, change.billing),
    ] {
        let Some(change) = change else { continue };
        let after = ModuleState {
            licensed: change.licensed.unwrap_or(state.licensed),
            on: change.on.unwrap_or(state.on),
        };
        if by != Role::Admin && after.licensed != state.licensed {
            return Err(Problem::forbidden("licences are the admin's to change"));
        }
        if by != Role::Admin && after.on && !state.on && !after.licensed {
            let detail = format!("the module {} is not licensed for this business", module.as_str());
            return Err(Problem::conflict("not_licensed", detail));
        }
        *state = after;
    }
    Ok(json!(modules))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::businesses::model::all_modules;

    fn change(body: Value) -> ModulesChange {
        serde_json::from_value(body).expect("a change")
    }

    #[test]
    fn licences_are_the_admins_and_switches_the_owners() {
        let all = all_modules();
        let off = changed(&all, &change(json!({"calls": {"on": false}})), Role::Owner).expect("off");
        assert!(!read(&off).calls.on && read(&off).calls.licensed && read(&off).crm.on);
        let refused = changed(&all, &change(json!({"calls": {"licensed": false}})), Role::Owner);
        assert_eq!(refused.expect_err("the admin's").status, 403);
        let bare = changed(&off, &change(json!({"calls": {"licensed": false}})), Role::Admin).expect("changed");
        let refused = changed(&bare, &change(json!({"calls": {"on": true}})), Role::Owner);
        assert_eq!(refused.expect_err("no licence").code, "not_licensed");
        let same = changed(
            &bare,
            &change(json!({"calls": {"licensed": false, "on": false}})),
            Role::Owner,
        );
        assert_eq!(same.expect("nothing changes"), bare);
    }
}
