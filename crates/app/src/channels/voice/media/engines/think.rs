//! From a conversation to an answer, streamed.

use contracts::llm::{Delta, Deltas, LanguageModel, Prompt};
use conversation::call::GenerationId;
use futures::StreamExt;

use super::{
    Line, Told, Why,
    health::{Kind, order},
    within,
};

/// Asks the models in their order. Another one is asked only while nothing was answered.
pub async fn answer(line: Line, generation: GenerationId, prompt: Prompt) {
    let studio = line.studio.clone();
    for engine in order(&studio.health, Kind::Model, &studio.engines.llm, LanguageModel::name) {
        let name = engine.name();
        match begin(&line, &*engine, prompt.clone()).await {
            Ok((first, rest)) => {
                studio.health.succeeded(Kind::Model, name);
                if let Err(why) = pass_on(&line, generation, first, rest).await {
                    // What was said so far stands: the caller may have heard it.
                    studio.failed(Kind::Model, name, &why);
                }
                line.tell(Told::Done { generation }).await;
                return;
            }
            Err(why) => studio.failed(Kind::Model, name, &why),
        }
    }
    line.tell(Told::Failed { generation }).await;
}

/// Waits for the first piece. A model that ends without one has answered nothing.
async fn begin(line: &Line, engine: &dyn LanguageModel, prompt: Prompt) -> Result<(Option<Delta>, Deltas), Why> {
    let asked = async {
        let mut deltas = engine.answer(prompt).await?;
        let first = deltas.next().await.transpose()?;
        Ok((first, deltas))
    };
    within(line.studio.deadlines.first_delta, asked).await
}

async fn pass_on(line: &Line, generation: GenerationId, first: Option<Delta>, mut rest: Deltas) -> Result<(), Why> {
    let mut next = first;
    while let Some(delta) = next {
        line.tell(Told::Delta { generation, delta }).await;
        let following = async { rest.next().await.transpose() };
        next = within(line.studio.deadlines.next_delta, following).await?;
    }
    Ok(())
}
