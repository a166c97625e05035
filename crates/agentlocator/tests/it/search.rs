//! One query across customers, calls, tasks and notes, and how it reads what people type.

use app::crm::search::tokens;
use chrono::TimeDelta;
use kernel::{Actor, BusinessId, PermissionSet, Reach, Scope, Visibility};
use serde_json::{Value, json};
use testkit::{Client, TestApp};

async fn customer(client: &Client, body: Value) -> i64 {
    id(&client.post("/api/crm/customers", body).await.status(201))
}

async fn named(client: &Client, name: &str) -> i64 {
    customer(client, json!({ "name": name })).await
}

fn id(record: &Value) -> i64 {
    record["id"].as_i64().expect("an id")
}

async fn ask(client: &Client, q: &str, more: &str) -> Value {
    let query: String = url::form_urlencoded::byte_serialize(q.as_bytes()).collect();
    client.get(&format!("/api/search?q={query}{more}")).await.ok()
}

fn ids(answer: &Value, group: &str) -> Vec<i64> {
    let mut ids: Vec<i64> = answer[group]["results"]
        .as_array()
        .expect("results")
        .iter()
        .map(id)
        .collect();
    ids.sort_unstable();
    ids
}

async fn customers(client: &Client, q: &str) -> Vec<i64> {
    ids(&ask(client, q, "").await, "customers")
}

async fn listed(client: &Client, q: &str) -> Vec<i64> {
    let query: String = url::form_urlencoded::byte_serialize(q.as_bytes()).collect();
    let list = client.get(&format!("/api/crm/customers?q={query}")).await.ok();
    let mut ids: Vec<i64> = list["results"].as_array().expect("results").iter().map(id).collect();
    ids.sort_unstable();
    ids
}

/// Who is listed, and what the list takes the query for.
async fn guessed(client: &Client, q: &str, more: &str) -> (Vec<i64>, Value) {
    let query: String = url::form_urlencoded::byte_serialize(q.as_bytes()).collect();
    let list = client.get(&format!("/api/crm/customers?q={query}{more}")).await.ok();
    assert_eq!(list["total"], list["results"].as_array().expect("results").len());
    (
        list["results"].as_array().expect("results").iter().map(id).collect(),
        list["did_you_mean"].clone(),
    )
}

async fn ring(app: &TestApp, sid: &str, from: &str) {
    let fields = [
        ("CallSid", sid),
        ("AccountSid", app.account_sid()),
        ("From", from),
        ("To", app.a.number.as_str()),
        ("CallStatus", "ringing"),
        ("Direction", "inbound"),
    ];
    app.webhook("/webhook/incoming_call", &fields).await.ok();
}

fn letter(n: u32) -> char {
    char::from_u32(u32::from('א') + n).expect("a letter")
}

/// Makes customers of business a behind the server's back.
async fn many_customers(app: &TestApp, many: i64) {
    app.sql(
        "INSERT INTO customers (business_id, name, tags, custom, created_at, updated_at) \
         SELECT $1, 'Crowd ' || i, $2, $3, $4, $4 \
         FROM (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $5) SELECT i FROM n) AS numbers",
        vec![
            app.a.id.into(),
            json!([]).into(),
            json!({}).into(),
            app.clock.now().into(),
            many.into(),
        ],
    )
    .await;
}

testkit::on_both_databases! {
    async fn a_word_is_found_by_its_beginning_however_it_is_written(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let dana = named(&owner, "דנה כהן").await;
        let ruth = named(&owner, "רות הלוי").await;
        let george = customer(&owner, json!({ "name": "ג׳ורג׳ באר־שבע", "company": "מוסך צה״ל" })).await;
        for (query, expected) in [
            ("דנ", vec![dana]),
            ("כה דנ", vec![dana]),
            ("כהנ", vec![dana]),
            ("הכהן", vec![dana]),
            ("דָּנָה", vec![dana]),
            ("לוי", vec![ruth]),
            ("הלוי רות", vec![ruth]),
            ("גורג", vec![george]),
            ("שבע", vec![george]),
            ("צהל", vec![george]),
            ("דנה לוי", vec![]),
        ] {
            assert_eq!(customers(&owner, query).await, expected, "{query}");
            assert_eq!(listed(&owner, query).await, expected, "{query} in the list");
        }
    }

    async fn the_middle_of_a_word_is_never_found(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        named(&owner, "Dana Montgomery").await;
        customer(&owner, json!({ "name": "Ruth", "phone": "+972501234567", "email": "ruth.levi@example.com" })).await;
        for query in ["ana", "gomery", "ontgom", "levi@", "3456", "@example.com", "!!!", ""] {
            let answer = ask(&owner, query, "").await;
            assert_eq!(ids(&answer, "customers"), [0_i64; 0], "{query}");
        }
    }

    async fn a_phone_is_found_by_its_end_or_its_beginning_and_an_e_mail_by_its_beginning(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let dana = customer(&owner, json!({
            "name": "Dana", "phones": ["+972501234567", "+97239998888"], "email": "dana@example.com",
        })).await;
        customer(&owner, json!({ "name": "Ruth", "phone": "+972527654321" })).await;
        for query in ["4567", "123-4567", "050-123", "+97250", "0501234567", "98888", "dana@ex", "DANA@example.com", "dana 4567"] {
            assert_eq!(customers(&owner, query).await, [dana], "{query}");
            assert_eq!(listed(&owner, query).await, [dana], "{query} in the list");
        }
        assert_eq!(customers(&owner, "567").await, [0_i64; 0], "three digits are too few");
    }

    async fn each_kind_of_record_has_its_group(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let dana = customer(&owner, json!({ "name": "דנה כהן", "phone": "+972501234567" })).await;
        let task = owner.post("/api/tasks", json!({ "title": "להזמין שיש", "notes": "לבן", "customer_id": dana })).await.status(201);
        let note = json!({ "text": "מעדיפה שיש ולא עץ" });
        let note = owner.post(&format!("/api/crm/customers/{dana}/notes"), note).await.status(201);
        ring(app, "CA1", "+972501234567").await;
        let call = id(&owner.get("/api/calls/CA1").await.ok());
        let scope = Scope::mint(
            Reach::One(BusinessId::new(app.a.id)), Actor::Job("test"), PermissionSet::default(), Visibility::All, "test",
        );
        let tx = app.state.db.write(&scope).await.expect("a transaction");
        tokens::index(&tx, tokens::Kind::Call, call, &[Some("רוצה מחיר על שיש")]).await.expect("indexed");
        tx.commit().await.expect("committed");

        let answer = ask(&owner, "שיש", "").await;
        assert_eq!(ids(&answer, "tasks"), [id(&task)]);
        assert_eq!(ids(&answer, "notes"), [id(&note)]);
        assert_eq!(ids(&answer, "calls"), [call]);
        assert_eq!(answer["tasks"]["results"][0]["customer_name"], "דנה כהן");
        assert_eq!(answer["notes"]["results"][0]["customer_name"], "דנה כהן");
        assert_eq!((&answer["messages"]["results"], &answer["approximate"]), (&json!([]), &json!(false)));
        let by_name = ask(&owner, "כהן", "").await;
        assert_eq!((ids(&by_name, "customers"), ids(&by_name, "calls")), (vec![dana], vec![call]));

        let path = format!("/api/tasks/{}", id(&task));
        owner.patch(&path, json!({ "title": "להזמין עץ" })).await.ok();
        assert_eq!(ids(&ask(&owner, "שיש", "").await, "tasks"), [0_i64; 0], "the title is another one");
        assert_eq!(ids(&ask(&owner, "עץ", "").await, "tasks"), [id(&task)]);
        owner.delete(&path).await.status(204);
        owner.delete(&format!("/api/crm/notes/{}", id(&note))).await.status(204);
        let answer = ask(&owner, "עץ", "").await;
        assert_eq!((ids(&answer, "tasks"), ids(&answer, "notes")), (vec![], vec![]));
        app.leaves_jobs();
    }

    async fn a_slip_finds_what_is_almost_that_only_when_nothing_else_is_found(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let shapira = named(&owner, "אברהם שפירא").await;
        for slip in ["אבהרם", "אברהרם", "אברם", "שפירה", "שפירע אברהם"] {
            let answer = ask(&owner, slip, "").await;
            assert_eq!((ids(&answer, "customers"), &answer["approximate"]), (vec![shapira], &json!(true)), "{slip}");
        }
        assert_eq!(customers(&owner, "פרידמן").await, [0_i64; 0]);
        let abram = named(&owner, "אברם גולן").await;
        let answer = ask(&owner, "אברם", "").await;
        assert_eq!((ids(&answer, "customers"), &answer["approximate"]), (vec![abram], &json!(false)));

        owner.patch(&format!("/api/crm/customers/{shapira}"), json!({ "name": "משה לוי" })).await.ok();
        assert_eq!(customers(&owner, "שפירה").await, [0_i64; 0], "nobody is called that any more");
    }

    async fn a_slip_is_forgiven_in_the_list_as_in_the_search(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let many = (0..150).map(|n| format!("א{}{}{}", letter(n % 22), letter(n / 22), letter(n * 7 % 22)));
        for name in many {
            named(&owner, &name).await;
        }
        let shteinmetz = named(&owner, "רות שטיינמץ").await;
        let avner = named(&owner, "אבנר כהן").await;
        for (slip, found, meant) in [
            ("שטינמץ", shteinmetz, "שטיינמץ"),
            ("רות שטיינמזצ", shteinmetz, "רות שטיינמץ"),
            ("אנבר כהן", avner, "אבנר כהן"),
            ("tcbr", avner, "אבנר"),
            ("Tcbr fv", avner, "אבנר כה"),
        ] {
            assert_eq!(guessed(&owner, slip, "").await, (vec![found], json!(meant)), "{slip}");
            let answer = ask(&owner, slip, "").await;
            assert_eq!(ids(&answer, "customers"), [found], "{slip}");
            assert_eq!((&answer["approximate"], &answer["did_you_mean"]), (&json!(true), &json!(meant)), "{slip}");
        }
        assert!(customers(&owner, "אנבר").await.contains(&avner), "two letters swapped in a short word");
        assert_eq!(guessed(&owner, "אבנר", "").await, (vec![avner], Value::Null));
        assert_eq!(guessed(&owner, "אבנר", "&status=inactive").await, (vec![], Value::Null), "there is such a customer");
        assert_eq!(guessed(&owner, "tcbr", "&status=inactive").await, (vec![], Value::Null));
        let dana = named(&owner, "Dana Cohen").await;
        assert_eq!(guessed(&owner, "גשמש", "").await, (vec![dana], json!("dana")));
        assert_eq!(guessed(&owner, "zzzz", "").await, (vec![], Value::Null));
        owner.post("/api/tasks", json!({ "title": "להזמין שיש" })).await.status(201);
        let answer = ask(&owner, "aha", "").await;
        assert_eq!((ids(&answer, "tasks").len(), &answer["did_you_mean"]), (1, &json!("שיש")), "in every group");
    }

    async fn a_group_is_bounded_and_says_that_there_is_more(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let mut made = Vec::new();
        for n in 0..7 {
            made.push(named(&owner, &format!("Levi {n}")).await);
        }
        let answer = ask(&owner, "levi", "").await;
        assert_eq!(ids(&answer, "customers"), made[2..], "the newest who are called that");
        assert_eq!(answer["customers"]["more"], true);
        let answer = ask(&owner, "lev", "&limit=1000").await;
        assert_eq!((ids(&answer, "customers"), &answer["customers"]["more"]), (made, &json!(false)));
        owner.get("/api/search?q=levi&limit=0").await.problem(400, "invalid_paging");
        assert_eq!(owner.get("/api/search").await.ok()["customers"], json!({ "results": [], "more": false }));
    }

    async fn who_is_deleted_is_not_found_until_restored(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let dana = named(&owner, "דנה כהן").await;
        owner.post(&format!("/api/crm/customers/{dana}/notes"), json!({ "text": "שיש" })).await.status(201);
        owner.delete(&format!("/api/crm/customers/{dana}")).await.status(204);
        assert_eq!(customers(&owner, "דנה").await, [0_i64; 0]);
        assert_eq!(ids(&ask(&owner, "שיש", "").await, "notes"), [0_i64; 0]);
        owner.post(&format!("/api/crm/customers/{dana}/restore"), json!({})).await.ok();
        assert_eq!(customers(&owner, "דנה").await, [dana]);
    }

    async fn another_business_finds_nothing_and_an_admin_both(app: &TestApp) {
        let (owner, stranger, admin) = (
            app.sign_in(&app.a.owner).await, app.sign_in(&app.b.owner).await, app.sign_in(&app.admin).await,
        );
        let (ours, theirs) = (named(&owner, "דנה כהן").await, named(&stranger, "דנה לוי").await);
        owner.post("/api/tasks", json!({ "title": "דנה" })).await.status(201);
        assert_eq!(customers(&owner, "דנה").await, [ours]);
        let answer = ask(&stranger, "דנה", "").await;
        assert_eq!((ids(&answer, "customers"), ids(&answer, "tasks")), (vec![theirs], vec![]));
        assert_eq!(ids(&ask(&stranger, "דנהה", "").await, "customers"), [theirs]);
        assert_eq!(customers(&admin, "דנה").await, [ours, theirs]);
        let named_one = ask(&admin, "דנה", &format!("&business_id={}", app.b.id)).await;
        assert_eq!(ids(&named_one, "customers"), [theirs]);
        stranger.get(&format!("/api/search?q=x&business_id={}", app.a.id)).await.problem(404, "not_found");
        app.client.get("/api/search?q=x").await.problem(401, "unauthorized");
    }

    async fn an_agent_finds_what_they_may_see(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let agent = app.sign_in(&app.a.agent).await;
        let mine = customer(&owner, json!({ "name": "דנה כהן", "owner_id": app.a.agent.id })).await;
        let theirs = customer(&owner, json!({ "name": "דנה לוי", "owner_id": app.a.manager.id })).await;
        for (of, assignee) in [(mine, app.a.agent.id), (theirs, app.a.manager.id)] {
            let task = json!({ "title": "דנה", "customer_id": of, "assignee_id": assignee });
            owner.post("/api/tasks", task).await.status(201);
            owner.post(&format!("/api/crm/customers/{of}/notes"), json!({ "text": "דנה" })).await.status(201);
        }
        let count = |answer: &Value| ["customers", "tasks", "notes"].map(|group| ids(answer, group).len());
        assert_eq!(count(&ask(&agent, "דנה", "").await), [2, 2, 2]);
        let settings = format!("/api/businesses/{}/settings", app.a.id);
        owner.patch(&settings, json!({ "agent_visibility": "own_and_unassigned" })).await.ok();
        let answer = ask(&agent, "דנה", "").await;
        assert_eq!(count(&answer), [1, 1, 1]);
        assert_eq!(ids(&answer, "customers"), [mine]);
        assert_eq!(ids(&ask(&agent, "לוו", "").await, "customers"), [0_i64; 0], "nor in spite of a slip");
    }

    async fn a_module_that_is_off_has_no_group(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        let modules = json!({ "crm": { "licensed": true, "on": true }, "calls": { "licensed": true, "on": false } });
        app.sql("UPDATE businesses SET modules = $1 WHERE id = $2", vec![modules.into(), app.a.id.into()]).await;
        let answer = ask(&owner, "דנה", "").await;
        assert!(answer.get("calls").is_none() && answer.get("tasks").is_some(), "{answer}");
    }

    async fn a_total_is_exact_to_ten_thousand_and_then_five_seconds_old_at_most(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        many_customers(app, 9_999).await;
        let total = async || owner.get("/api/crm/customers?limit=1").await.ok()["total"].as_u64();
        assert_eq!(total().await, Some(9_999));
        named(&owner, "One").await;
        assert_eq!(total().await, Some(10_000), "counted anew");
        named(&owner, "Two").await;
        assert_eq!(total().await, Some(10_001), "counted anew");
        named(&owner, "Three").await;
        app.advance(TimeDelta::seconds(5));
        let of_counter = total().await;
        assert!(of_counter == Some(10_001) || of_counter == Some(10_002), "{of_counter:?}");
        app.advance(TimeDelta::milliseconds(1));
        assert_eq!(total().await, Some(10_002), "the counter is too old");
        let stranger = app.sign_in(&app.b.owner).await;
        assert_eq!(stranger.get("/api/crm/customers").await.ok()["total"], 0);
        assert_eq!(owner.get("/api/crm/customers?status=customer").await.ok()["total"], 0, "another list");
    }

    async fn a_list_goes_on_where_it_ended_while_customers_are_added(app: &TestApp) {
        let owner = app.sign_in(&app.a.owner).await;
        many_customers(app, 40).await;
        let page = owner.get("/api/crm/customers?limit=15").await.ok();
        let before = owner.get("/api/crm/customers?limit=100").await.ok();
        let mut seen: Vec<i64> = page["results"].as_array().expect("results").iter().map(id).collect();
        let mut cursor = page["next_cursor"].clone();
        while let Some(next) = cursor.as_str() {
            // Newer ones, and some of the very moment of those that are being read.
            app.advance(TimeDelta::seconds(1));
            named(&owner, "Newer").await;
            let page = owner.get(&format!("/api/crm/customers?limit=15&cursor={next}")).await.ok();
            seen.extend(page["results"].as_array().expect("results").iter().map(id));
            cursor = page["next_cursor"].clone();
        }
        let expected: Vec<i64> = before["results"].as_array().expect("results").iter().map(id).collect();
        assert_eq!(seen, expected);
    }
}
