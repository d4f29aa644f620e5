//! Doing again what an entry of the transmit log is about.

use dermaga_store::command::Giver;
use dermaga_store::read::Scope;
use dermaga_store::read::exchanges::EntryId;
use dermaga_store::work::{FETCH, Mark, Modes};

use crate::engine::Engine;
use crate::error::Result;

/// What is done again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Again {
    /// The order is read from its channel.
    Read,
    /// The message is read as if it had just come.
    Heard,
    /// Nothing: it was about no order, and is no dead letter whose body is still there.
    Nothing,
}

impl Engine {
    /// Reads a dead letter again, or the order that an entry of the transmit log is about; none when
    /// there is no such entry, or it is not theirs to see.
    ///
    /// # Errors
    /// The store's.
    pub async fn again(&self, scope: &Scope, id: EntryId, by: Giver) -> Result<Option<Again>> {
        let Some(entry) = self.store().entry(scope, id).await? else { return Ok(None) };
        Ok(Some(match (id, entry.order.filter(|(shop, _)| scope.sees(*shop))) {
            (EntryId::Pushed(message), _) if entry.dead => {
                let heard = self.store().hear_again(scope.org, message, by).await?;
                if heard { Again::Heard } else { Again::Nothing }
            }
            (_, Some((shop, subject))) => {
                let (modes, due_at) = (Modes::REALTIME, self.now());
                let mark = Mark { kind: FETCH, scope: shop.0, subject, modes, due_at };
                self.store().read_again(scope.org, mark, id, by).await?;
                Again::Read
            }
            (_, None) => Again::Nothing,
        }))
    }
}
