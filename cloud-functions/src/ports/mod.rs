//! What the functions need of the world, kept narrow so that an engine is cheap to add.

pub mod backlog;
pub mod clock;
pub mod events;
pub mod ids;
pub mod ledger;
pub mod letters;
pub mod payments;
pub mod poke;
pub mod tokens;
pub mod turns;
pub mod wait;
