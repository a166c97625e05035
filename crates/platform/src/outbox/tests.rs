use std::time::Duration;

use chrono::TimeDelta;
use kernel::{Clock, TestClock};
use serde_json::json;

use super::*;
use crate::{
    bus::{Bus, Heard},
    db::Db,
    test_databases::{self, person, until},
};

async fn emit(db: &Db, business: i64, room: Room, n: i64) {
    let tx = db.write(&person(business, 1)).await.expect("a transaction");
    tx.emit(Event {
        room,
        name: "task:due",
        payload: json!({ "n": n }),
    })
    .await
    .expect("an event");
    tx.commit().await.expect("committed");
}

async fn published(db: &Db) -> Vec<PublishedEvent> {
    published_after(db, 0).await.expect("events")
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_follow_one_another_though_two_processes_publish() {
    for database in test_databases::all().await {
        let here = database.db.clone();
        let there = database.another_process().await;
        let (bus, other) = (Bus::start(&here), Bus::start(&there));
        let relays = (
            Relay::start(here.clone(), bus.clone(), RelaySettings::default()),
            Relay::start(there.clone(), other.clone(), RelaySettings::default()),
        );
        let writers = (0..8).map(|writer| {
            let db = if writer % 2 == 0 { here.clone() } else { there.clone() };
            tokio::spawn(async move {
                for n in 0..25 {
                    emit(&db, 1 + writer % 2, Room::Business, writer * 100 + n).await;
                }
            })
        });
        for written in writers.collect::<Vec<_>>() {
            written.await.expect("written");
        }
        until("all are out", async || published(&here).await.len() == 200).await;
        let numbers: Vec<i64> = published(&here).await.iter().map(|event| event.event_id).collect();
        assert_eq!(numbers, (1..=200).collect::<Vec<i64>>());
        drop(relays);
        bus.close();
        other.close();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_process_hears_that_events_are_out() {
    let Some(database) = test_databases::postgres(Clock::System).await else {
        return;
    };
    let there = database.another_process().await;
    let (bus, other) = (Bus::start(&database.db), Bus::start(&there));
    let mut heard = other.listen();
    // The first thing heard is that the connection stands.
    assert!(matches!(heard.recv().await, Ok(Heard::Published(None))));
    let _relay = Relay::start(database.db.clone(), bus.clone(), RelaySettings::default());
    emit(&database.db, 1, Room::Business, 1).await;
    let next = tokio::time::timeout(Duration::from_secs(5), heard.recv()).await;
    assert!(matches!(next, Ok(Ok(Heard::Published(Some(1))))));
    bus.close();
    other.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_reads_what_its_rooms_would_tell() {
    for database in test_databases::all().await {
        let db = &database.db;
        let bus = Bus::start(db);
        let relay = Relay::start(db.clone(), bus.clone(), RelaySettings::default());
        let rooms = [
            (1, Room::Business),
            (1, Room::User(1.into())),
            (1, Room::User(2.into())),
            (1, Room::Call(9.into())),
            (2, Room::Business),
        ];
        for (n, (business, room)) in (1..).zip(rooms) {
            emit(db, business, room, n).await;
        }
        until("all are out", async || published(db).await.len() == 5).await;
        let read = async |scope: &kernel::Scope, after| {
            let tx = db.read(scope).await.expect("a transaction");
            let events = tx.events_after(after, 100).await.expect("events");
            events
                .iter()
                .map(|event| event.payload["n"].as_i64().unwrap_or_default())
                .collect::<Vec<_>>()
        };
        let mut own = read(&person(1, 1), 0).await;
        own.sort_unstable();
        assert_eq!(own, [1, 2, 4]);
        assert_eq!(read(&person(2, 7), 0).await, [5]);
        assert_eq!(read(&person(1, 1), 5).await, Vec::<i64>::new());
        drop(relay);
        bus.close();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_rolled_back_was_never_said_and_a_day_later_all_is_forgotten() {
    let start = chrono::DateTime::from_timestamp(1_800_000_000, 0).expect("a time");
    for backend in 0..2 {
        let clock = TestClock::at(start);
        let databases = test_databases::all_with(&Clock::Test(clock.clone())).await;
        let Some(database) = databases.get(backend) else { return };
        let db = &database.db;
        let tx = db.write(&person(1, 1)).await.expect("a transaction");
        tx.emit(Event {
            room: Room::Business,
            name: "x",
            payload: json!({}),
        })
        .await
        .expect("an event");
        drop(tx);
        emit(db, 1, Room::Business, 1).await;
        assert_eq!(store::publish(db).await.expect("published"), Some((1, false)));
        assert_eq!(store::publish(db).await.expect("nothing"), None);
        assert_eq!(store::sweep(db, TimeDelta::hours(24)).await.expect("nothing"), 0);
        clock.advance(TimeDelta::hours(25));
        assert_eq!(store::sweep(db, TimeDelta::hours(24)).await.expect("swept"), 1);
        assert_eq!(last_published(db).await.expect("a number"), 1);
    }
}
