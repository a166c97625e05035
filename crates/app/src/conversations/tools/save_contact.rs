//! `save_contact`: what the caller said about themselves goes onto the call, and onto the customer when there is one.

use conversation::tools::Contact;
use kernel::{Permission, Problem};
use platform::db::WriteTx;
use sea_orm::{ActiveValue::Set, IntoActiveModel};

use super::{Around, Done};
use crate::{
    calls::actions,
    crm::{customers, tasks},
};

pub async fn run(around: Around<'_>, contact: Contact) -> Result<Done, Problem> {
    let summary = summary(&contact);
    let scope = around.scope;
    scope.require(Permission::CustomersWrite)?;
    let tx = around.app.db.write(scope).await?;
    if let Some(live) = around.call() {
        scope.require(Permission::CallsWork)?;
        note_on_call(&tx, live.call_id.get(), &contact).await?;
        if let Some(wish) = contact.callback_at {
            tasks::due_as_wished(&tx, live.call_id, wish).await?;
        }
    }
    if let Some(customer) = around.customer.filter(|_| !around.is_test()) {
        let contact = customers::actions::Contact {
            name: contact.name,
            need: contact.need,
            email: contact.email,
            callback_at: contact.callback_at,
            call_id: around.call().map(|live| live.call_id.get()),
        };
        customers::actions::save_contact(&tx, customer, contact).await?;
    }
    tx.commit().await?;
    Ok(Done::new("saved", summary))
}

async fn note_on_call(tx: &WriteTx, call: i64, contact: &Contact) -> Result<(), Problem> {
    let call = actions::by_id(tx, call).await?;
    let mut known = call.extracted();
    known.name = contact.name.clone().or(known.name);
    known.need = contact.need.clone().or(known.need);
    if contact.callback_at.is_some() {
        known.callback_at = contact.callback_at;
        known.callback_words.clone_from(&contact.callback_words);
    }
    known.by_ai = true;
    let mut row = call.into_active_model();
    row.extracted = Set(Some(serde_json::to_value(known).map_err(|_| Problem::internal())?));
    row.updated_at = Set(tx.now());
    tx.update(row).await?;
    Ok(())
}

fn summary(contact: &Contact) -> String {
    let parts = [
        contact.name.as_deref(),
        contact.need.as_deref(),
        contact.email.as_deref(),
        contact.callback_words.as_deref(),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" – ")
}
