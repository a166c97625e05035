//! Where log lines go and what they look like.

use std::path::PathBuf;

use tracing_appender::{
    non_blocking::{NonBlockingBuilder, WorkerGuard},
    rolling::{Builder, Rotation},
};
use tracing_subscriber::{
    EnvFilter, Layer, Registry,
    filter::{LevelFilter, filter_fn},
    fmt::MakeWriter,
    layer::SubscriberExt,
    util::{SubscriberInitExt, TryInitError},
};

use super::mask::Masked;

/// Daily files that are kept.
const MOST_FILES: usize = 14;
/// Lines that may wait for a slow disk; beyond that they are lost, and the server goes on.
const MOST_WAITING: usize = 16_384;

/// Serving the web app says a line for each of its files when it starts: the first address to open would be lost in them.
const ASSETS: &str = "memory_serve=warn";

/// Libraries that show what they carry, tokens included, to who asks them for more than `info`.
const TALKATIVE: [&str; 5] = [
    "engineioxide",
    "lettre",
    "socketioxide",
    "tokio_tungstenite",
    "tungstenite",
];

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    #[default]
    Plain,
    Json,
}

#[derive(Clone, Debug)]
pub struct LogSettings {
    /// `info` or `info,platform=debug`.
    pub filter: String,
    pub format: LogFormat,
    /// Adds daily files here.
    pub dir: Option<PathBuf>,
}

#[derive(Debug, thiserror::Error)]
pub enum LogError {
    #[error("the log filter can not be read")]
    Filter(#[from] tracing_subscriber::filter::ParseError),
    #[error("the log directory can not be used")]
    Directory(#[from] tracing_appender::rolling::InitError),
    #[error("logging has been set up already")]
    Twice(#[from] TryInitError),
}

/// Keeps the log files' writer; dropping it writes what waits.
#[derive(Debug)]
pub struct LogGuard {
    _file: Option<WorkerGuard>,
}

/// Starts logging for the whole process: to standard error, and to files when a directory is named.
pub fn init(settings: &LogSettings) -> Result<LogGuard, LogError> {
    let filter = EnvFilter::builder()
        .parse(&settings.filter)?
        .add_directive(ASSETS.parse()?);
    let (file, guard) = match &settings.dir {
        None => (None, None),
        Some(dir) => {
            let daily = Builder::new()
                .rotation(Rotation::DAILY)
                .filename_prefix("agentlocator")
                .filename_suffix("log")
                .max_log_files(MOST_FILES)
                .build(dir)?;
            let (writer, guard) = NonBlockingBuilder::default()
                .buffered_lines_limit(MOST_WAITING)
                .finish(daily);
            (Some(lines(settings.format, writer)), Some(guard))
        }
    };
    tracing_subscriber::registry()
        .with(
            vec![lines(settings.format, std::io::stderr)]
                .into_iter()
                .chain(file)
                .collect::<Vec<_>>(),
        )
        .with(filter)
        .with(filter_fn(is_discreet))
        .try_init()?;
    Ok(LogGuard { _file: guard })
}

/// Whatever the filter asks for.
fn is_discreet(meta: &tracing::Metadata<'_>) -> bool {
    let library = meta.target().split("::").next().unwrap_or_default();
    *meta.level() <= LevelFilter::INFO || !TALKATIVE.contains(&library)
}

pub(super) type Lines = Box<dyn Layer<Registry> + Send + Sync>;

pub(super) fn lines<W>(format: LogFormat, writer: W) -> Lines
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let layer = tracing_subscriber::fmt::layer().with_writer(Masked(writer));
    match format {
        LogFormat::Plain => layer.with_ansi(false).boxed(),
        LogFormat::Json => layer
            .json()
            .flatten_event(true)
            .with_current_span(true)
            .with_span_list(false)
            .boxed(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_library_that_shows_tokens_says_little_whatever_is_asked_for() {
        let asked = EnvFilter::new("trace");
        let subscriber = tracing_subscriber::registry()
            .with(tracing_subscriber::fmt::layer().with_writer(std::io::sink))
            .with(asked)
            .with(filter_fn(is_discreet));
        tracing::subscriber::with_default(subscriber, || {
            assert!(!tracing::enabled!(target: "engineioxide::socket", tracing::Level::DEBUG));
            assert!(!tracing::enabled!(target: "socketioxide", tracing::Level::TRACE));
            assert!(!tracing::enabled!(target: "tungstenite::protocol", tracing::Level::TRACE));
            assert!(tracing::enabled!(target: "engineioxide::socket", tracing::Level::WARN));
            assert!(tracing::enabled!(target: "engineioxide::socket", tracing::Level::INFO));
            assert!(tracing::enabled!(target: "platform::jobs", tracing::Level::DEBUG));
        });
    }
}
