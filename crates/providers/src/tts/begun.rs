//! Speech whose first piece was waited for: as long as nothing was heard, another engine can still say the sentence.

use contracts::{Fault, audio::Pcm, tts::SpeechStream};
use futures::{Stream, StreamExt, TryStreamExt, stream};

pub(super) async fn begun(
    pieces: impl Stream<Item = Result<Pcm, Fault>> + Send + 'static,
) -> Result<SpeechStream, Fault> {
    let mut pieces = Box::pin(pieces);
    let first = pieces.try_next().await?;
    let first = first.ok_or_else(|| Fault::Rejected("nothing to say".to_owned()))?;
    Ok(Box::pin(stream::once(async { Ok(first) }).chain(pieces)))
}
