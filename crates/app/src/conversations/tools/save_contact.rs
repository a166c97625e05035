//! `save_contact`: what the caller said about themselves goes onto the call, and onto the customer when there is one.

use conversation::tools::Contact;
use kernel::{Permission, Problem};
use sea_orm::{ActiveValue::Set, IntoActiveModel};

use super::{Around, Done};
use crate::{calls::actions, crm::customers};

pub async fn run(around: Around<'_>, contact: Contact) -> Result<Done, Problem> {
    let summary = summary(&contact);
    let scope = &around.live.scope;
    scope.require(Permission::CallsWork)?;
    scope.require(Permission::CustomersWrite)?;
    let tx = around.app.db.write(scope).await?;
    let call = actions::by_id(&tx, around.live.call_id.get()).await?;
    let mut known = call.extracted();
    known.name = contact.name.clone().or(known.name);
    known.need = contact.need.clone().or(known.need);
    known.callback_at = contact.callback_at.or(known.callback_at);
    known.by_ai = true;
    let mut row = call.into_active_model();
    row.extracted = Set(Some(serde_json::to_value(known).map_err(|_| Problem::internal())?));
    row.updated_at = Set(tx.now());
    tx.update(row).await?;
    if let Some(customer) = around.customer.filter(|_| !around.live.test) {
        let contact = customers::actions::Contact {
            name: contact.name,
            need: contact.need,
            email: contact.email,
            callback_at: contact.callback_at,
            call_id: Some(around.live.call_id.get()),
        };
        customers::actions::save_contact(&tx, customer, contact).await?;
    }
    tx.commit().await?;
    Ok(Done::new("saved", summary))
}

fn summary(contact: &Contact) -> String {
    let parts = [
        contact.name.as_deref(),
        contact.need.as_deref(),
        contact.email.as_deref(),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" – ")
}
