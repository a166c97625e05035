//! Who is mentioned in a note: `@` and a user's name, or the users whom a client names by id.

use kernel::{Problem, Role, UserId};
use platform::db::{ReadTx, WriteTx};
use sea_orm::ColumnTrait;

use super::store::Model;
use crate::{
    accounts::{
        businesses::{self, settings::OWN_AND_UNASSIGNED},
        users,
    },
    crm::{customers::store as customers, search::fold},
    notifications::{self, Kind, News},
};

/// People in one note at most.
const MOST_MENTIONS: usize = 20;
/// More people than a business has.
const MOST_USERS: u64 = 1_000;

/// The ids of those who are mentioned, each once, in order. 422 for an id that is no active user of this business.
pub async fn read(tx: &ReadTx, text: &str, named: &[i64]) -> Result<Vec<i64>, Problem> {
    if named.is_empty() && !text.contains('@') {
        return Ok(Vec::new());
    }
    let people: Vec<(i64, String)> = tx
        .find::<users::store::Entity>()
        .filter(users::store::Column::Active.eq(true))
        .limit(MOST_USERS)
        .all()
        .await?
        .into_iter()
        .map(|user| (user.id, user.name))
        .collect();
    if named.len() > MOST_MENTIONS || named.iter().any(|id| !people.iter().any(|(user, _)| user == id)) {
        return Err(Problem::invalid(
            "mentions",
            "unknown_user",
            "are ids of active users of this business",
        ));
    }
    let mut ids: Vec<i64> = named.iter().copied().chain(in_text(text, &people)).collect();
    ids.sort_unstable();
    ids.dedup();
    ids.truncate(MOST_MENTIONS);
    Ok(ids)
}

/// Whose name stands after an `@`. Of two names of which one begins the other, the longer one is meant.
fn in_text(text: &str, people: &[(i64, String)]) -> Vec<i64> {
    let text = fold(text);
    let names: Vec<(i64, String)> = people.iter().map(|(id, name)| (*id, fold(name.trim()))).collect();
    text.match_indices('@')
        .filter_map(|(at, mark)| text.get(at + mark.len()..))
        .filter_map(|rest| {
            let meant = names.iter().filter(|(_, name)| begins_with(rest, name));
            meant.max_by_key(|(_, name)| name.len()).map(|(id, _)| *id)
        })
        .collect()
}

fn begins_with(text: &str, name: &str) -> bool {
    let rest = text.strip_prefix(name);
    !name.is_empty() && rest.is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
}

/// Tells those who were mentioned, once for a note, save its author and who may not see the customer.
pub async fn tell(tx: &WriteTx, note: &Model, customer: &customers::Model, users: &[i64]) -> Result<(), Problem> {
    let author = tx.scope().actor().user_id().map(UserId::get);
    let hidden = hidden_from_agents(tx, customer).await?;
    let people = tx
        .find::<users::store::Entity>()
        .filter(users::store::Column::Id.is_in(users.iter().copied()))
        .all()
        .await?;
    let news = people
        .iter()
        .filter(|user| Some(user.id) != author)
        .filter(|user| !hidden || user.role != Role::Agent.as_str() || customer.owner_id == Some(user.id))
        .map(|user| News {
            user_id: user.id,
            kind: Kind::Mention,
            title: format!("אוזכרת בהערה: {}", customer.name),
            link: format!("/crm/customers/{}?tab=notes", customer.id),
            ref_id: format!("note:{}", note.id),
        });
    notifications::tell(tx, news.collect()).await
}

/// Somebody's customer, in a business whose agents see their own and nobody's.
async fn hidden_from_agents(tx: &WriteTx, customer: &customers::Model) -> Result<bool, Problem> {
    let business = tx.get::<businesses::store::Entity>(tx.scope().business()?).await?;
    Ok(customer.owner_id.is_some() && business.agent_visibility == OWN_AND_UNASSIGNED)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<i64> {
        let people = [(1, "דנה"), (2, "דנה כהן"), (3, "Avi")];
        in_text(text, &people.map(|(id, name)| (id, name.to_owned())))
    }

    #[test]
    fn a_name_after_an_at_is_a_mention() {
        assert_eq!(found("@דנה תבדקי"), [1]);
        assert_eq!(found("@דנה כהן, תבדקי. גם @avi!"), [2, 3]);
        assert_eq!(found("@דנה־לי avi@example.com @ @@avi"), [1, 3]);
        assert_eq!(found("@דנהלה @avital @"), Vec::<i64>::new());
    }
}
