//! Telling people, in the transaction of what they are told of.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use kernel::{Problem, Role, UserId};
use platform::{
    db::{ReadTx, WriteTx},
    jobs::{Enqueue, Job},
    outbox::{Event, Room},
};
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, Order, sea_query::OnConflict};
use serde_json::json;

use super::{
    Kind,
    kinds::Ways,
    mail, preferences,
    push::{self, SendPush},
    store::{ActiveModel, Column, Model},
};
use crate::{
    AppState,
    accounts::{businesses::hours::Office, users},
};

/// A statement takes some 30,000 values, and a notification has ten.
const MOST_PER_STATEMENT: usize = 1_000;
/// More at once than this come to a person as one push, or as one letter.
const MOST_AT_ONCE: usize = 3;
const LONGEST_TITLE: usize = 300;

/// One thing of which one person is told.
#[derive(Clone, Debug)]
pub struct News {
    pub user_id: i64,
    pub kind: Kind,
    /// A sentence in the business's language.
    pub title: String,
    /// A path of the web app.
    pub link: String,
    /// What it is of; with the kind, told to each person once.
    pub ref_id: String,
}

/// Tells each of these, once, in the ways that the person chose.
pub async fn tell(tx: &WriteTx, news: Vec<News>) -> Result<(), Problem> {
    if news.is_empty() {
        return Ok(());
    }
    let ways = preferences::of(tx, news.iter().map(|one| one.user_id)).await?;
    let kinds: HashMap<&str, Kind> = Kind::ALL.iter().map(|kind| (kind.as_str(), *kind)).collect();
    let now = tx.now();
    let rows: Vec<ActiveModel> = news
        .into_iter()
        .filter(|one| reaches(ways.of(one.user_id, one.kind)))
        .map(|one| ActiveModel {
            user_id: Set(one.user_id),
            kind: Set(one.kind.as_str().to_owned()),
            title: Set(one.title.chars().take(LONGEST_TITLE).collect()),
            link: Set(one.link),
            ref_id: Set(one.ref_id),
            on_screen: Set(ways.of(one.user_id, one.kind).screen),
            created_at: Set(now),
            ..Default::default()
        })
        .collect();
    let added = add(tx, rows).await?;
    show(tx, &added).await?;
    let by_way = |chosen: fn(Ways) -> bool| {
        added
            .iter()
            .filter(|one| {
                kinds
                    .get(one.kind.as_str())
                    .is_some_and(|kind| chosen(ways.of(one.user_id, *kind)))
            })
            .collect::<Vec<&Model>>()
    };
    send_push(tx, &by_way(|ways| ways.push)).await?;
    mail::send(tx, &by_way(|ways| ways.email)).await
}

/// Takes back what people were told of these pages.
pub async fn take_back(tx: &WriteTx, links: &[String]) -> Result<(), Problem> {
    for links in links.chunks(MOST_PER_STATEMENT) {
        tx.delete_many::<super::store::Entity>()?
            .filter(Column::Link.is_in(links))
            .exec()
            .await?;
    }
    Ok(())
}

/// What people were told of these pages is settled: it counts as read, and their screens are told.
pub async fn settled(tx: &WriteTx, links: &[String]) -> Result<(), Problem> {
    let mut people = BTreeSet::new();
    for links in links.chunks(MOST_PER_STATEMENT) {
        let open = || {
            Condition::all()
                .add(Column::Link.is_in(links))
                .add(Column::ReadAt.is_null())
        };
        let told = tx.find::<super::store::Entity>().filter(open()).all().await?;
        if told.is_empty() {
            continue;
        }
        people.extend(told.iter().filter(|one| one.on_screen).map(|one| one.user_id));
        tx.update_many::<super::store::Entity>()?
            .col(Column::ReadAt, tx.now())
            .filter(open())
            .exec()
            .await?;
    }
    for user_id in people {
        let unread = super::store::unread(tx, user_id).await?;
        tx.emit(read_event(UserId::new(user_id), unread)).await?;
    }
    Ok(())
}

/// So many are left that this person has not read.
pub(super) fn read_event(user: UserId, unread: u64) -> Event {
    Event {
        room: Room::User(user),
        name: "notifications:read",
        payload: json!({ "unread": unread }),
    }
}

const fn reaches(ways: Ways) -> bool {
    ways.screen || ways.push || ways.email || ways.whatsapp
}

/// Writes what nobody was told of yet, and gives it.
async fn add(tx: &WriteTx, rows: Vec<ActiveModel>) -> Result<Vec<Model>, Problem> {
    let mut once = OnConflict::columns([Column::BusinessId, Column::UserId, Column::Kind, Column::RefId]);
    once.do_nothing();
    let mut added = Vec::with_capacity(rows.len());
    for rows in rows.chunks(MOST_PER_STATEMENT) {
        added.extend(tx.insert_many_returning(rows.to_vec(), once.clone()).await?);
    }
    added.sort_unstable_by_key(|one| one.id);
    Ok(added)
}

async fn show(tx: &WriteTx, added: &[Model]) -> Result<(), Problem> {
    let events: Vec<Event> = added.iter().filter(|one| one.on_screen).map(event).collect();
    for events in events.chunks(MOST_PER_STATEMENT) {
        tx.emit_all(events.to_vec()).await?;
    }
    Ok(())
}

fn event(one: &Model) -> Event {
    Event {
        room: Room::User(UserId::new(one.user_id)),
        name: "notification",
        payload: json!({ "id": one.id, "kind": one.kind, "title": one.title, "link": one.link }),
    }
}

pub(super) fn by_user<'a>(news: &[&'a Model]) -> BTreeMap<i64, Vec<&'a Model>> {
    let mut of_user: BTreeMap<i64, Vec<&Model>> = BTreeMap::new();
    for one in news {
        of_user.entry(one.user_id).or_default().push(one);
    }
    of_user
}

/// One job for each device and notification; many at once for the same person become one that says how many.
/// While the Sabbath or a holiday is kept, they wait for its end.
async fn send_push(tx: &WriteTx, news: &[&Model]) -> Result<(), Problem> {
    let devices = push::store::of_users(tx, news.iter().map(|one| one.user_id)).await?;
    if devices.is_empty() {
        return Ok(());
    }
    let of_user = by_user(news);
    let mut jobs = Vec::new();
    for device in &devices {
        let Some(news) = of_user.get(&device.user_id) else {
            continue;
        };
        jobs.extend(pushes(device.id, news));
    }
    enqueue(tx, news, &jobs).await
}

/// At once, or when the Sabbath or the holiday that is kept is over.
pub(super) async fn enqueue<J: Job<AppState>>(tx: &WriteTx, news: &[&Model], jobs: &[J]) -> Result<(), Problem> {
    let asked_for = news
        .iter()
        .all(|one| Kind::parse(&one.kind).is_some_and(Kind::is_asked_for));
    match Office::of_scope(tx).await?.holds_back(tx.now()) {
        Some(until) if !asked_for => {
            for job in jobs {
                tx.enqueue(job, Enqueue::at(until)).await?;
            }
        }
        _ => tx.enqueue_all(jobs).await?,
    }
    Ok(())
}

/// What is sent one by one, and how many more there are of which the first says how many they are.
pub(super) fn few<'a, 'b>(news: &'a [&'b Model]) -> (&'a [&'b Model], usize) {
    if news.len() > MOST_AT_ONCE {
        (news.get(..1).unwrap_or_default(), news.len() - 1)
    } else {
        (news, 0)
    }
}

fn pushes(subscription_id: i64, news: &[&Model]) -> Vec<SendPush> {
    let (one_by_one, others) = few(news);
    one_by_one
        .iter()
        .map(|one| SendPush {
            subscription_id,
            notification_id: one.id,
            others,
        })
        .collect()
}

/// The active owners and managers of the business: who is told when nobody in particular is concerned.
pub async fn managers(tx: &ReadTx) -> Result<Vec<i64>, Problem> {
    use users::store::{Column, Entity};
    let people = tx
        .find::<Entity>()
        .filter(Column::Active.eq(true))
        .filter(Column::Role.is_in([Role::Owner.as_str(), Role::Manager.as_str()]))
        .order_by(Column::Id, Order::Asc)
        .all()
        .await?;
    Ok(people.into_iter().map(|user| user.id).collect())
}
