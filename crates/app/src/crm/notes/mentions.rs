//! Who is mentioned in a note: `@` and a user's name, or the users whom a client names by id.

use kernel::{Problem, UserId};
use platform::{
    db::{ReadTx, WriteTx},
    outbox::{Event, Room},
};
use sea_orm::ColumnTrait;
use serde_json::json;

use super::store::Model;
use crate::{accounts::users, crm::search::fold};

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

/// The one place from which mentioned people hear of it: each gets an event in their own room. A notification that is
/// kept, pushed or mailed is to be made here, too.
pub async fn tell(tx: &WriteTx, note: &Model, users: &[i64]) -> Result<(), Problem> {
    let author = tx.scope().actor().user_id().map(UserId::get);
    for user in users.iter().copied().filter(|user| Some(*user) != author) {
        tx.emit(Event {
            room: Room::User(UserId::new(user)),
            name: "note:mention",
            payload: json!({ "note_id": note.id, "customer_id": note.customer_id, "author_id": author }),
        })
        .await?;
    }
    Ok(())
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
