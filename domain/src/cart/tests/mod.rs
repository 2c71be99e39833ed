//! What holds of carts whatever happens, and the cases behind it.

mod checkout;
mod convergence;
mod fixture;
mod handoff;
mod late;
mod lines;
mod merge;
mod money;
mod offline;
mod prices;
mod promotions;
mod receipt;
mod wire;
