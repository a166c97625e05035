//! From text to values: one function for each kind of setting. An error says what was expected, never what was given,
//! because a secret may have been pasted into the wrong variable.

use std::{net::IpAddr, time::Duration};

use ipnet::IpNet;
use regex::Regex;
use url::{Host, Url};

use super::{AppEnv, CallMode, DatabaseUrl, LogFormat, Origin, OriginRule, Rate, TrustProxy};

type Read<T> = Result<T, String>;

pub fn app_env(text: &str) -> Read<AppEnv> {
    match text.to_ascii_lowercase().as_str() {
        "development" | "dev" => Ok(AppEnv::Development),
        "testing" | "test" => Ok(AppEnv::Testing),
        "production" | "prod" => Ok(AppEnv::Production),
        _ => Err("must be development, testing or production".to_owned()),
    }
}

pub fn port(text: &str) -> Read<u16> {
    text.parse().map_err(|_| "must be a port number, 0 to 65535".to_owned())
}

pub fn address(text: &str) -> Read<IpAddr> {
    match text {
        "localhost" => Ok(IpAddr::from([127, 0, 0, 1])),
        _ => text
            .trim_matches(['[', ']'])
            .parse()
            .map_err(|_| "must be an IP address, such as 127.0.0.1, 0.0.0.0 or ::".to_owned()),
    }
}

/// A whole number within the bounds.
pub fn number(low: u64, high: u64) -> impl Fn(&str) -> Read<u64> {
    move |text| {
        text.parse()
            .ok()
            .filter(|number| (low..=high).contains(number))
            .ok_or_else(|| format!("must be a whole number from {low} to {high}"))
    }
}

pub fn milliseconds(text: &str) -> Read<Duration> {
    number(1, 600_000)(text).map(Duration::from_millis)
}

/// One of the words given, each with what it stands for.
pub fn word<T: Copy>(choices: &'static [(&'static str, T)]) -> impl Fn(&str) -> Read<T> {
    move |text| {
        choices
            .iter()
            .find(|(word, _)| text.eq_ignore_ascii_case(word))
            .map(|(_, meaning)| *meaning)
            .ok_or_else(|| {
                let words: Vec<_> = choices.iter().map(|(word, _)| *word).collect();
                format!("must be one of: {}", words.join(", "))
            })
    }
}

pub const LOG_FORMATS: &[(&str, LogFormat)] = &[("plain", LogFormat::Plain), ("json", LogFormat::Json)];

pub const CALL_MODES: &[(&str, CallMode)] = &[
    ("realtime", CallMode::Realtime),
    ("turn_based", CallMode::TurnBased),
    ("voicemail", CallMode::Voicemail),
];

/// `info` or `info,platform=debug`.
pub fn log_filter(text: &str) -> Read<String> {
    const LEVELS: &[&str] = &["off", "error", "warn", "info", "debug", "trace"];
    let good = text.split(',').all(|part| {
        let (target, level) = part.trim().rsplit_once('=').unwrap_or(("", part.trim()));
        LEVELS.contains(&level.to_ascii_lowercase().as_str())
            && target
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | ':' | '-'))
    });
    if good {
        Ok(text.to_ascii_lowercase())
    } else {
        Err("must be a level (trace, debug, info, warn, error) or a list such as info,platform=debug".to_owned())
    }
}

/// The public origin. `http` is for loopback only: Twilio opens no plain socket to the world.
pub fn origin(text: &str) -> Read<Origin> {
    let url = Url::parse(text).map_err(|_| "must be an origin such as https://calls.example.com".to_owned())?;
    let host = url.host().ok_or("must have a host name")?;
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(&host) => {}
        "http" => return Err("must be https (http is only for a loopback address)".to_owned()),
        _ => return Err("must begin with https://".to_owned()),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("must not have a user name or password".to_owned());
    }
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        return Err("must be an origin only, with nothing after the host and port".to_owned());
    }
    Ok(Origin(url.origin().ascii_serialization()))
}

fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost" || name.ends_with(".localhost"),
        Host::Ipv4(ip) => ip.is_loopback(),
        Host::Ipv6(ip) => ip.is_loopback(),
    }
}

/// The base URL of an outside service; where it points is the operator's decision. No slash at the end.
pub fn base_url(text: &str) -> Read<Url> {
    let url = Url::parse(text.trim_end_matches('/'))
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
        .ok_or("must be an http or https URL")?;
    if url.query().is_some() || url.fragment().is_some() {
        return Err("must not have a query".to_owned());
    }
    Ok(url)
}

/// Comma separated; `~` begins an anchored regular expression.
pub fn origin_rules(text: &str) -> Read<Vec<OriginRule>> {
    list(text).map(|entry| origin_rule(&entry)).collect()
}

fn origin_rule(entry: &str) -> Read<OriginRule> {
    if entry == "*" {
        return Ok(OriginRule::Any);
    }
    if let Some(pattern) = entry.strip_prefix('~') {
        return Regex::new(&format!("^(?:{pattern})$"))
            .map(OriginRule::Matches)
            .map_err(|_| format!("{entry} is not a regular expression"));
    }
    if entry.contains('*') {
        let pattern = entry.replace('.', "\\.").replace('*', "[^.]+");
        return Err(format!(
            "{entry} has a * inside; write a regular expression instead: ~{pattern}"
        ));
    }
    Url::parse(entry)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https") && url.path() == "/" && url.query().is_none())
        .map(|url| OriginRule::Is(url.origin().ascii_serialization()))
        .ok_or_else(|| format!("{entry} is not an origin such as https://app.example.com"))
}

pub fn trust_proxy(text: &str) -> Read<TrustProxy> {
    if let Ok(hops) = text.parse::<u8>() {
        return Ok(if hops == 0 {
            TrustProxy::No
        } else {
            TrustProxy::Hops(hops)
        });
    }
    list(text)
        .map(|entry| {
            entry
                .parse::<IpNet>()
                .or_else(|_| entry.parse::<IpAddr>().map(IpNet::from))
                .map_err(|_| "must be a number of proxies, or networks such as 10.0.0.0/8".to_owned())
        })
        .collect::<Read<Vec<_>>>()
        .map(TrustProxy::Networks)
}

/// `host:port`, comma separated.
pub fn targets(text: &str) -> Read<Vec<String>> {
    list(text)
        .map(|target| {
            let wrong = || format!("{target} is not host:port");
            let (host, port) = target.rsplit_once(':').ok_or_else(wrong)?;
            let sound = !host.is_empty() && !host.contains(['/', '@', '*']);
            match port.parse::<u16>() {
                Ok(1..) if sound => Ok(target.to_ascii_lowercase()),
                _ => Err(wrong()),
            }
        })
        .collect()
}

/// `N/second`, `N/minute`, `N/hour` or `off`.
pub fn rate(text: &str) -> Read<Rate> {
    let wrong = || "must be N/second, N/minute, N/hour or off".to_owned();
    if text.eq_ignore_ascii_case("off") {
        return Ok(Rate::Off);
    }
    let (count, unit) = text.split_once('/').ok_or_else(wrong)?;
    let count: u32 = count.trim().parse().map_err(|_| wrong())?;
    let per = match unit.trim() {
        "second" => Duration::from_secs(1),
        "minute" => Duration::from_mins(1),
        "hour" => Duration::from_hours(1),
        _ => return Err(wrong()),
    };
    if count == 0 {
        return Err("must be at least 1".to_owned());
    }
    Ok(Rate::Limit { count, per })
}

/// Engines by name, each once.
pub fn order(known: &'static [&'static str]) -> impl Fn(&str) -> Read<Vec<String>> {
    move |text| {
        let mut names: Vec<String> = Vec::new();
        for name in list(&text.to_ascii_lowercase()) {
            if !known.contains(&name.as_str()) {
                return Err(format!("knows only: {}", known.join(", ")));
            }
            if !names.contains(&name) {
                names.push(name);
            }
        }
        Ok(names)
    }
}

/// Our own form, SQLAlchemy's (`sqlite:///x.db` relative, `sqlite:////x` absolute) and `postgresql+driver://`.
pub fn database_url(text: &str) -> Read<DatabaseUrl> {
    if let Some(rest) = text.strip_prefix("sqlite:") {
        return sqlite(rest);
    }
    let (scheme, rest) = text.split_once("://").ok_or_else(database_forms)?;
    let family = scheme.split_once('+').map_or(scheme, |(family, _)| family);
    if family == "sqlite" {
        return sqlite(&format!("//{rest}"));
    }
    if !matches!(family, "postgres" | "postgresql") {
        return Err(database_forms());
    }
    let url = format!("postgres://{rest}");
    Url::parse(&url)
        .map(|_| DatabaseUrl::Postgres(url.into()))
        .map_err(|_| database_forms())
}

fn sqlite(rest: &str) -> Read<DatabaseUrl> {
    let path = rest.split_once('?').map_or(rest, |(path, _)| path);
    let path = path
        .strip_prefix("///")
        .or_else(|| path.strip_prefix("//"))
        .unwrap_or(path);
    match path {
        "" | "/" => Err("names no file; write sqlite://data/agentlocator.db".to_owned()),
        ":memory:" => Ok(DatabaseUrl::SqliteMemory),
        path if path.ends_with('/') => Err("names a directory, not a file".to_owned()),
        path => Ok(DatabaseUrl::Sqlite(path.into())),
    }
}

fn database_forms() -> String {
    "must be sqlite://path/to/file.db or postgres://user:password@host/name".to_owned()
}

fn list(text: &str) -> impl Iterator<Item = String> {
    text.split(',')
        .map(str::trim)
        .filter(|entry| !entry.is_empty())
        .map(str::to_owned)
}
