//! What the scenarios stand on: the real programs on real files, driven over the wires that users drive them by.
//!
//! Nothing here knows how a program works inside: it starts binaries, calls them, kills them, and looks at screens.

pub mod accessible;
pub mod amazon;
pub mod browser;
pub mod canaries;
pub mod carts;
pub mod collector;
pub mod counter;
pub mod demo;
pub mod desktop;
pub mod faults;
pub mod figure;
pub mod goods;
pub mod hands;
pub mod held;
pub mod histories;
pub mod lambda;
pub mod paths;
pub mod program;
pub mod qr;
pub mod shopper;
pub mod simulation;
pub mod site;
pub mod stored;
pub mod until;
pub mod world;
