//! Who may listen to events over Socket.IO: the same sessions that may call the API, each to what it may see.

use std::collections::HashMap;

use async_trait::async_trait;
use http::HeaderMap;
use kernel::{BusinessId, CallId, Module, Permission, Problem, Role, UserId};
use platform::{
    db::DbError,
    realtime::{Authenticator, Hearers, Identity, Leaves},
};
use sea_orm::{ConnectionTrait, FromQueryResult, Statement};
use serde_json::Value;

use crate::{
    AppState,
    accounts::sessions::caller::{self, Identity as Person},
};

/// The product's part of the sockets' door.
pub struct Listeners(pub AppState);

fn listener(person: &Person) -> Identity {
    Identity {
        business: person.business,
        user: person.user,
        session: person.session_id,
        acts: person.impersonation.is_some(),
        sees_all: !person.own_and_unassigned,
    }
}

#[async_trait]
impl Authenticator for Listeners {
    async fn authenticate(&self, headers: &HeaderMap, token: Option<&str>) -> Option<Identity> {
        let token = token.map(str::to_owned).or_else(|| caller::token(headers))?;
        match caller::identify(&self.0, &token).await {
            Ok(person) => person.as_ref().map(listener),
            Err(problem) => {
                tracing::warn!(%problem, "a listener could not be looked up");
                None
            }
        }
    }

    async fn may_follow(&self, identity: &Identity, call: CallId) -> bool {
        self.follows(identity, call).await.unwrap_or_else(|problem| {
            tracing::warn!(%problem, "a listener's call could not be looked up");
            false
        })
    }

    async fn hearers(&self, business: BusinessId, payload: &Value) -> Hearers {
        self.concerned(business, payload).await.unwrap_or_else(|err| {
            tracing::warn!(error = %err, "whom an event is for could not be looked up");
            Hearers::Only(Vec::new())
        })
    }

    async fn no_longer(&self, identities: &[Identity]) -> Vec<(Identity, Leaves)> {
        let sessions: Vec<i64> = identities.iter().map(|identity| identity.session).collect();
        match caller::of_sessions(&self.0, &sessions).await {
            Ok(people) => {
                let now: HashMap<i64, Identity> = people
                    .iter()
                    .map(|person| (person.session_id, listener(person)))
                    .collect();
                let why = |identity: &Identity| match now.get(&identity.session) {
                    None => Some(Leaves::Ended),
                    Some(now) => (now != identity).then_some(Leaves::Changed),
                };
                let left = |identity: &Identity| Some((identity.clone(), why(identity)?));
                identities.iter().filter_map(left).collect()
            }
            // Better a listener too long than none while the database is away.
            Err(err) => {
                tracing::warn!(error = %err, "listeners' sessions could not be looked up");
                Vec::new()
            }
        }
    }
}

/// Of whom a call is, as far as listening goes.
#[derive(FromQueryResult)]
struct CallOf {
    in_business: i64,
    had_by: Option<i64>,
    owned_by: Option<i64>,
}

impl Listeners {
    async fn follows(&self, identity: &Identity, call: CallId) -> Result<bool, Problem> {
        let Some(person) = caller::of_session(&self.0, identity.session).await? else {
            return Ok(false);
        };
        let Some(call) = self.call(call.get()).await? else {
            return Ok(false);
        };
        if person.role == Role::Admin {
            return Ok(true);
        }
        let own = call.owned_by.is_none() || [call.owned_by, call.had_by].contains(&Some(person.user.get()));
        Ok(call.in_business == person.business.get()
            && person.permissions().contains(Permission::CallsRead)
            && person.module_is_on(Module::Calls)
            && (own || !person.own_and_unassigned))
    }

    async fn call(&self, id: i64) -> Result<Option<CallOf>, DbError> {
        let tx = self.0.db.system_read("following a call").await?;
        Ok(CallOf::find_by_statement(Statement::from_sql_and_values(
            self.0.db.backend(),
            "SELECT c.business_id AS in_business, c.user_id AS had_by, cu.owner_id AS owned_by FROM calls c \
             LEFT JOIN customers cu ON cu.business_id = c.business_id AND cu.id = c.customer_id WHERE c.id = $1",
            [id.into()],
        ))
        .one(tx.conn())
        .await?)
    }

    /// By what stands in every event: a task's is for who has to do it, a deal's for its owner, a call's for its customer's owner and whoever
    /// had it, a customer's for the owner; what is nobody's is everyone's.
    async fn concerned(&self, business: BusinessId, payload: &Value) -> Result<Hearers, DbError> {
        let id = |member: &str| payload.get(member).and_then(Value::as_i64);
        if payload.get("assignee_id").is_some() {
            return Ok(only(&[id("assignee_id")]));
        }
        if id("deal_id").is_some() {
            return Ok(only(&[id("owner_id")]));
        }
        if let Some(call) = id("call_id") {
            let call = self.call(call).await?.filter(|call| call.in_business == business.get());
            return Ok(match call {
                Some(call) if call.owned_by.is_some() => only(&[call.owned_by, call.had_by]),
                _ => Hearers::Everyone,
            });
        }
        let Some(customer) = id("customer_id") else {
            return Ok(Hearers::Everyone);
        };
        let tx = self.0.db.system_read("following a customer").await?;
        let row = tx
            .conn()
            .query_one_raw(Statement::from_sql_and_values(
                self.0.db.backend(),
                "SELECT owner_id FROM customers WHERE id = $1 AND business_id = $2",
                [customer.into(), business.get().into()],
            ))
            .await?;
        let owner = row.map(|row| row.try_get_by_index::<Option<i64>>(0)).transpose()?;
        Ok(only(&[owner.flatten()]))
    }
}

/// These people, or everyone when there is none among them.
fn only(people: &[Option<i64>]) -> Hearers {
    let people: Vec<UserId> = people.iter().flatten().copied().map(UserId::new).collect();
    if people.is_empty() {
        Hearers::Everyone
    } else {
        Hearers::Only(people)
    }
}
