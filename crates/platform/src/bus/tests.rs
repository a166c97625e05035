use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use kernel::{CallId, Clock};
use serde_json::json;

use super::*;
use crate::test_databases;

/// Holds one call.
struct Holder(CallId);

#[async_trait]
impl CommandHandler for Holder {
    async fn handle(&self, command: CallCommand) -> Option<CommandAnswer> {
        (command.call_id == self.0).then(|| match command.kind {
            CallCommandKind::HangUp => CommandAnswer::Done,
            _ => CommandAnswer::Refused("only_hang_up".to_owned()),
        })
    }
}

fn command(call: i64, kind: CallCommandKind) -> CallCommand {
    CallCommand {
        business_id: 1.into(),
        call_id: call.into(),
        kind,
    }
}

const DEADLINE: Duration = Duration::from_secs(2);

#[tokio::test(flavor = "multi_thread")]
async fn a_command_is_answered_by_who_holds_the_call() {
    for database in test_databases::all().await {
        let bus = Bus::start(&database.db);
        bus.answer_commands(Arc::new(Holder(7.into())));
        assert_eq!(
            bus.send_command(command(7, CallCommandKind::HangUp), DEADLINE).await,
            Delivery::Answered(CommandAnswer::Done)
        );
        assert_eq!(
            bus.send_command(command(7, CallCommandKind::Join), DEADLINE).await,
            Delivery::Answered(CommandAnswer::Refused("only_hang_up".to_owned()))
        );
        assert_eq!(
            bus.send_command(command(8, CallCommandKind::HangUp), Duration::from_millis(300))
                .await,
            Delivery::NobodyHasIt
        );
        bus.close();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_reaches_a_call_in_another_process() {
    let Some(database) = test_databases::postgres(Clock::System).await else {
        return;
    };
    let there = database.another_process().await;
    let (bus, other) = (Bus::start(&database.db), Bus::start(&there));
    let (mut here_ready, mut there_ready) = (bus.listen(), other.listen());
    here_ready.recv().await.expect("connected");
    there_ready.recv().await.expect("connected");
    bus.answer_commands(Arc::new(Holder(1.into())));
    other.answer_commands(Arc::new(Holder(2.into())));
    assert_eq!(
        bus.send_command(command(2, CallCommandKind::HangUp), DEADLINE).await,
        Delivery::Answered(CommandAnswer::Done)
    );
    assert_eq!(
        other
            .send_command(
                command(
                    1,
                    CallCommandKind::Whisper {
                        text: "שלום".to_owned()
                    }
                ),
                DEADLINE
            )
            .await,
        Delivery::Answered(CommandAnswer::Refused("only_hang_up".to_owned()))
    );
    let begun = std::time::Instant::now();
    let nobody = bus
        .send_command(command(3, CallCommandKind::HangUp), Duration::from_millis(300))
        .await;
    assert_eq!(nobody, Delivery::NobodyHasIt);
    assert!(begun.elapsed() < Duration::from_secs(1));
    bus.close();
    other.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn fleeting_messages_and_revocations_are_heard_everywhere_once() {
    let Some(database) = test_databases::postgres(Clock::System).await else {
        return;
    };
    let there = database.another_process().await;
    let (bus, other) = (Bus::start(&database.db), Bus::start(&there));
    let (mut here, mut elsewhere) = (bus.listen(), other.listen());
    here.recv().await.expect("connected");
    elsewhere.recv().await.expect("connected");
    bus.ephemeral(1.into(), Room::Call(5.into()), "call:level", json!({ "caller": 3 }));
    bus.revoke(Revocation::Session(9));
    for listener in [&mut here, &mut elsewhere] {
        let first = listener.recv().await.expect("a message");
        assert!(
            matches!(first, Heard::Ephemeral(message) if message.room == Room::Call(5.into()) && message.payload["caller"] == 3)
        );
        let second = listener.recv().await.expect("a message");
        assert!(matches!(second, Heard::Revoked(Revocation::Session(9))));
    }
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(here.try_recv().is_err());
    bus.close();
    other.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_connection_is_made_anew_and_listeners_are_told_to_look() {
    let Some(database) = test_databases::postgres(Clock::System).await else {
        return;
    };
    let bus = Bus::start(&database.db);
    let mut heard = bus.listen();
    heard.recv().await.expect("connected");
    let tx = database.db.system("tests").await.expect("a transaction");
    sea_orm::ConnectionTrait::execute_unprepared(
        tx.conn(),
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
         WHERE pid <> pg_backend_pid() AND datname = current_database() AND query ILIKE 'listen%'",
    )
    .await
    .expect("terminated");
    drop(tx);
    let again = tokio::time::timeout(Duration::from_secs(10), heard.recv()).await;
    assert!(matches!(again, Ok(Ok(Heard::Published(None)))));
    bus.close();
}
