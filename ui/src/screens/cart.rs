//! A cart on a device: what tablet and kiosk share.

pub(crate) mod add;
mod camera;
pub(crate) mod desk;
pub(crate) mod goes_with;
pub(crate) mod hand_over;
pub(crate) mod line;
mod line_note;
pub(crate) mod lines;
pub(crate) mod news;
pub(crate) mod offered;
pub(crate) mod take_over;
pub(crate) mod undo;
