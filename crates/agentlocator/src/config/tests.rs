use super::*;
use kernel::ExposeSecret;
use rstest::rstest;

fn read(pairs: &[(&str, &str)]) -> Result<Settings, Report> {
    Settings::read(&pairs.iter().copied().collect())
}

fn good(pairs: &[(&str, &str)]) -> Settings {
    read(pairs).unwrap_or_else(|report| panic!("{report}"))
}

fn refused(pairs: &[(&str, &str)]) -> String {
    read(pairs).expect_err("refused").to_string()
}

const PRODUCTION: &[(&str, &str)] = &[
    ("APP_ENV", "production"),
    ("PUBLIC_BASE_URL", "https://calls.example.com"),
    ("CORS_ORIGINS", "https://app.example.com"),
    ("DATABASE_URL", "postgres://agent:pw@db/agentlocator"),
    ("SECRET_KEY", "k3Yq8Zr1Wm5Tx7Vb2Nc9Ld4Fg6Hj0PsQ"),
    ("JWT_SECRET", "z9Xc8Vb7Nm6Lk5Jh4Gf3Ds2Aq1We0RtY"),
    ("TWILIO_ACCOUNT_SID", "AC0123456789abcdef0123456789abcdef"),
    ("TWILIO_AUTH_TOKEN", "0123456789abcdef0123456789abcdef"),
];

fn production_with(extra: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
    // A later pair of the same name wins.
    PRODUCTION.iter().chain(extra).copied().collect()
}

#[test]
fn development_needs_nothing() {
    let settings = good(&[]);
    assert_eq!(settings.env, AppEnv::Development);
    assert_eq!(settings.http.address().to_string(), "127.0.0.1:5000");
    assert!(matches!(&settings.database.url, DatabaseUrl::Sqlite(path) if path == Path::new("data/agentlocator.db")));
    assert_eq!(settings.engines.tts_order, ["openai", "gtts", "espeak"]);
    assert!(!settings.engines.stt.usable);
}

#[test]
fn production_names_everything_that_is_missing_at_once() {
    let report = read(&[("APP_ENV", "production")]).expect_err("refused");
    assert_eq!(
        report.names().collect::<Vec<_>>(),
        [
            "PUBLIC_BASE_URL",
            "CORS_ORIGINS",
            "DATABASE_URL",
            "SECRET_KEY",
            "JWT_SECRET",
            "TWILIO_ACCOUNT_SID",
            "TWILIO_AUTH_TOKEN"
        ]
    );
}

#[test]
fn production_listens_on_all_addresses() {
    let settings = good(PRODUCTION);
    assert_eq!(settings.http.address().to_string(), "0.0.0.0:5000");
}

#[test]
fn missing_malformed_and_misspelt_stand_in_one_report() {
    let mut pairs = production_with(&[("PORT", "http"), ("DRAIN_SECOND", "5"), ("RATE_API", "off")]);
    pairs.retain(|(name, _)| *name != "JWT_SECRET");
    let report = read(&pairs).expect_err("refused");
    let mut names: Vec<_> = report.names().collect();
    names.sort_unstable();
    assert_eq!(names, ["DRAIN_SECOND", "JWT_SECRET", "PORT", "RATE_API"]);
    assert!(report.to_string().contains("did you mean DRAIN_SECONDS?"));
}

#[test]
fn an_empty_variable_counts_as_unset() {
    assert_eq!(good(&[("PORT", ""), ("PUBLIC_BASE_URL", "  ")]).http.port, 5000);
}

#[test]
fn a_lookalike_of_a_setting_that_is_set_is_only_told() {
    let settings = good(&[("TWILIO_AUTH_TOKEN", "x"), ("TWILIO_AUTH_TOKENS", "y")]);
    assert!(settings.notes.iter().any(|note| note.contains("TWILIO_AUTH_TOKENS")));
}

#[rstest]
#[case("short")]
#[case("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
#[case("changeme-changeme-changeme-0123456789")]
#[case("z9Xc8Vb7Nm6Lk5Jh4Gf3Ds2Aq1We0RtY")]
fn weak_or_equal_secrets_are_refused_in_production(#[case] key: &'static str) {
    let text = refused(&production_with(&[("SECRET_KEY", key)]));
    assert!(text.contains("SECRET"), "{text}");
    assert!(!text.contains(key), "a report never shows a secret");
}

#[rstest]
#[case("PUBLIC_BASE_URL", "https://a.example.com/", Some("https://a.example.com"))]
#[case("PUBLIC_BASE_URL", "https://a.example.com:443", Some("https://a.example.com"))]
#[case("PUBLIC_BASE_URL", "https://a.example.com:8443", Some("https://a.example.com:8443"))]
#[case("PUBLIC_BASE_URL", "http://127.0.0.1:5000", Some("http://127.0.0.1:5000"))]
#[case("PUBLIC_HOST", "a.example.com", Some("https://a.example.com"))]
#[case("PUBLIC_HOST", "https://a.example.com", Some("https://a.example.com"))]
#[case("HOST", "https://a.example.com", Some("https://a.example.com"))]
#[case("HOST", "my-laptop", None)]
fn the_public_origin_has_many_names(#[case] name: &str, #[case] value: &str, #[case] origin: Option<&str>) {
    let settings = good(&[(name, value)]);
    assert_eq!(settings.http.public_base_url.as_ref().map(Origin::as_str), origin);
}

#[rstest]
#[case("http://a.example.com")]
#[case("https://a.example.com/base")]
#[case("https://user:pw@a.example.com")]
#[case("ftp://a.example.com")]
#[case("a.example.com")]
fn what_is_no_public_origin_is_refused(#[case] value: &str) {
    assert!(refused(&[("PUBLIC_BASE_URL", value)]).contains("PUBLIC_BASE_URL"));
}

#[rstest]
#[case("sqlite://data/a.db", "sqlite://data/a.db")]
#[case("sqlite:///./a.db", "sqlite://./a.db")]
#[case("sqlite:///a.db", "sqlite://a.db")]
#[case("sqlite:////var/a.db", "sqlite:///var/a.db")]
#[case("sqlite:a.db", "sqlite://a.db")]
#[case("sqlite+pysqlite:///a.db", "sqlite://a.db")]
#[case("sqlite://a.db?mode=rwc", "sqlite://a.db")]
#[case("postgres://u:p@h/d", "postgres://u:p@h/d")]
#[case(
    "postgresql://u:p@h:5433/d?sslmode=require",
    "postgres://u:p@h:5433/d?sslmode=require"
)]
#[case("postgresql+psycopg2://u:p@h/d", "postgres://u:p@h/d")]
fn the_database_is_named_in_all_the_usual_forms(#[case] given: &str, #[case] driver: &str) {
    let settings = good(&[("DATABASE_URL", given)]);
    assert_eq!(settings.database.url.for_driver().expose_secret(), driver);
}

#[test]
fn a_database_in_memory_is_a_file_that_goes_with_the_process() {
    for form in ["sqlite:///:memory:", "sqlite::memory:", "sqlite://:memory:"] {
        assert!(matches!(
            good(&[("DATABASE_URL", form)]).database.url,
            DatabaseUrl::SqliteMemory
        ));
    }
}

#[rstest]
#[case("mysql://u@h/d")]
#[case("sqlite://")]
#[case("data/a.db")]
fn another_database_is_refused(#[case] given: &str) {
    assert!(refused(&[("DATABASE_URL", given)]).contains("DATABASE_URL"));
}

#[test]
fn origins_are_exact_or_anchored_patterns() {
    let rules = good(&[(
        "CORS_ORIGINS",
        r"https://app.example.com, ~https://[a-z]+\.example\.org",
    )])
    .http
    .cors;
    let allows = |origin: &str| rules.iter().any(|rule| rule.allows(origin));
    assert!(allows("https://app.example.com"));
    assert!(allows("https://shop.example.org"));
    assert!(!allows("https://shop.example.org.evil.net"));
    assert!(!allows("https://app.example.com.evil.net"));
}

#[test]
fn a_star_inside_an_origin_is_refused_with_a_hint() {
    let text = refused(&[("CORS_ORIGINS", "https://*.example.com")]);
    assert!(text.contains(r"~https://[^.]+\.example\.com"), "{text}");
    assert!(
        good(&[("CORS_ORIGINS", "*")])
            .http
            .cors
            .iter()
            .any(|rule| rule.allows("https://any.net"))
    );
    assert!(refused(&production_with(&[("CORS_ORIGINS", "*")])).contains("CORS_ORIGINS"));
}

#[test]
fn trusted_proxies_are_counted_or_named() {
    assert_eq!(good(&[("TRUST_PROXY", "2")]).http.trust_proxy, TrustProxy::Hops(2));
    assert_eq!(good(&[("TRUST_PROXY", "0")]).http.trust_proxy, TrustProxy::No);
    let TrustProxy::Networks(networks) = good(&[("TRUST_PROXY", "10.0.0.0/8, ::1")]).http.trust_proxy else {
        panic!("networks");
    };
    assert_eq!(networks.len(), 2);
    assert!(refused(&[("TRUST_PROXY", "yes")]).contains("TRUST_PROXY"));
}

#[test]
fn rates_have_a_count_and_a_unit() {
    let rates = good(&[("RATE_AUTH", "5/second"), ("RATE_API", "off")]).rates;
    assert_eq!(
        rates.auth,
        Rate::Limit {
            count: 5,
            per: Duration::from_secs(1)
        }
    );
    assert_eq!(rates.api, Rate::Off);
    assert_eq!(
        rates.webhook_verified,
        Rate::Limit {
            count: 30_000,
            per: Duration::from_mins(1)
        }
    );
    for wrong in ["10", "0/minute", "ten/minute", "10/day"] {
        assert!(refused(&[("RATE_AUTH", wrong)]).contains("RATE_AUTH"), "{wrong}");
    }
}

#[test]
fn a_service_of_ones_own_needs_no_key() {
    let engines = good(&[("LLM_BASE_URL", "http://127.0.0.1:8080/v1/")]).engines;
    assert!(engines.llm.usable && !engines.stt.usable);
    assert_eq!(engines.llm.base_url.as_str(), "http://127.0.0.1:8080/v1");
    let engines = good(&[("OPENAI_API_KEY", "sk-x")]).engines;
    assert!(engines.llm.usable && engines.stt.usable && engines.tts.usable);
}

#[test]
fn the_embedded_engines_end_every_list() {
    let engines = good(&[("TTS_ORDER", "espeak,openai"), ("LLM_ORDER", "openai")]).engines;
    assert_eq!(engines.tts_order, ["openai", "espeak"]);
    assert_eq!(engines.llm_order, ["openai", "scripted"]);
    assert!(refused(&[("TTS_ORDER", "espaek")]).contains("TTS_ORDER"));
    let settings = good(&[("TTS_ORDER", "google,gtts")]);
    assert_eq!(settings.engines.tts_order, ["gtts", "espeak"]);
    assert!(settings.notes.iter().any(|note| note.contains("google")));
}

#[test]
fn half_a_bucket_is_a_mistake() {
    let report = read(&[("S3_BUCKET", "calls")]).expect_err("refused");
    assert_eq!(
        report.names().collect::<Vec<_>>(),
        ["S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY"]
    );
    assert!(good(&[]).storage.s3.is_none());
}

#[test]
fn what_is_not_supported_yet_says_so() {
    assert!(refused(&[("STORAGE_KEY", "x")]).contains("not supported yet"));
    assert!(
        good(&[("REDIS_URL", "redis://h")])
            .notes
            .iter()
            .any(|note| note.contains("REDIS_URL"))
    );
}

#[test]
fn the_env_file_fills_gaps_in_development_only() {
    let dir = tempfile::tempdir().expect("a directory");
    let file = dir.path().join(".env");
    std::fs::write(&file, "PORT=6000\nBUSINESS_NAME=\"Two words\"\n# a remark\n").expect("written");
    let from = |pairs: &[(&str, &str)]| {
        let variables: Variables = pairs.iter().copied().collect();
        variables.with_file(&file)
    };
    let settings = Settings::read(&from(&[]).expect("read")).expect("good");
    assert_eq!(
        (settings.http.port, settings.business_name.as_str()),
        (6000, "Two words")
    );
    let settings = Settings::read(&from(&[("PORT", "7000")]).expect("read")).expect("good");
    assert_eq!(settings.http.port, 7000, "the environment wins");
    let production = from(PRODUCTION).expect("read");
    assert_eq!(Settings::read(&production).expect("good").http.port, 5000);
    std::fs::write(&file, "APP_ENV=production\n").expect("written");
    assert!(from(&[]).is_err(), "the file can not choose production");
}

#[test]
fn secrets_of_development_are_made_once() {
    let dir = tempfile::tempdir().expect("a directory");
    let settings = good(&[("DATA_DIR", &dir.path().to_string_lossy())]);
    let first = settings.secrets().expect("made");
    let again = settings.secrets().expect("read");
    assert_eq!(first.secret_key.expose_secret(), again.secret_key.expose_secret());
    assert_ne!(first.secret_key.expose_secret(), first.jwt_secret.expose_secret());
    assert_eq!(first.secret_key.expose_secret().len(), 64);
}

#[test]
fn the_effective_settings_show_no_secret() {
    let variables: Variables = PRODUCTION
        .iter()
        .copied()
        .chain([("HOST", "https://x.example.com")])
        .collect();
    let shown = effective(&variables);
    for secret in [
        "k3Yq8Zr1Wm5T",
        "z9Xc8Vb7Nm6L",
        ":pw@",
        "0123456789abcdef0123456789abcdef\n",
    ] {
        let allowed = secret.ends_with('\n');
        assert!(allowed || !shown.contains(secret), "{shown}");
    }
    assert!(shown.contains("postgres://***@db/agentlocator"), "{shown}");
    assert!(shown.contains("PORT "), "{shown}");
}

#[test]
fn a_report_or_debug_output_never_shows_a_secret() {
    let settings = good(PRODUCTION);
    let debug = format!("{settings:?}");
    assert!(!debug.contains("k3Yq8Zr1Wm5T") && !debug.contains(":pw@"), "{debug}");
}

#[test]
fn every_default_of_the_table_is_accepted_and_every_name_is_used_once() {
    good(&[]);
    let mut names: Vec<_> = table::entries()
        .flat_map(|entry| std::iter::once(&entry.name).chain(entry.aliases))
        .collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
}

#[test]
fn every_setting_of_the_table_is_read() {
    let code = [
        include_str!("build.rs"),
        include_str!("read.rs"),
        include_str!("whatsapp.rs"),
    ]
    .concat();
    for entry in table::entries() {
        assert!(
            code.contains(&format!("\"{}\"", entry.name)),
            "{} is in the table only",
            entry.name
        );
    }
}

#[test]
fn the_committed_example_is_the_generated_one() {
    let committed = include_str!("../../../../.env.example");
    assert!(committed == example(), ".env.example is stale: run `make gen`");
}
