//! The channel's order status codes and what may follow what.

use crate::books::{Actor, Order};

pub(super) const SELLER_CANCELLED: i64 = 0;
pub(super) const OUT_OF_STOCK: i64 = 3;
pub(super) const FRAUD: i64 = 5;
pub(super) const AUTO_REJECTED: i64 = 6;
pub(super) const SELLER_REJECTED: i64 = 10;
pub(super) const BUYER_CANCELLED: i64 = 15;
pub(super) const CREATED: i64 = 100;
pub(super) const PAYMENT_PENDING: i64 = 103;
pub(super) const PAID: i64 = 220;
pub(super) const PARTNER_APPROVAL: i64 = 221;
pub(super) const ACCEPTED: i64 = 400;
pub(super) const PICKUP_ASKED: i64 = 450;
pub(super) const SHIPPED: i64 = 500;
pub(super) const AWB_AWAITED: i64 = 501;
pub(super) const AWB_INVALID: i64 = 520;
pub(super) const AWB_CORRECTION: i64 = 530;
pub(super) const AT_PICKUP_POINT: i64 = 540;
pub(super) const DELIVERED: i64 = 600;
pub(super) const COMPLAINED: i64 = 601;
pub(super) const FINISHED: i64 = 700;

/// Cancelled, by whomever.
pub(super) const CANCELLED: [i64; 6] =
    [SELLER_CANCELLED, OUT_OF_STOCK, FRAUD, AUTO_REJECTED, SELLER_REJECTED, BUYER_CANCELLED];

/// Still with the seller, so that it can be cancelled.
pub(super) const UNSENT: [i64; 6] =
    [CREATED, PAYMENT_PENDING, PAID, PARTNER_APPROVAL, ACCEPTED, PICKUP_ASKED];

/// The seller may report or correct a shipment.
pub(super) const SHIPPABLE: [i64; 6] =
    [ACCEPTED, PICKUP_ASKED, SHIPPED, AWB_AWAITED, AWB_INVALID, AWB_CORRECTION];

/// The order's status code; -1 for one that is no number.
pub(super) fn code(order: &Order) -> i64 {
    order.status().parse().unwrap_or(-1)
}

/// The words the channel's history puts beside a code.
pub(super) fn message(status: i64) -> &'static str {
    match status {
        SELLER_CANCELLED => "Pesanan dibatalkan penjual",
        OUT_OF_STOCK => "Pesanan ditolak: stok kosong",
        FRAUD => "Pesanan dibatalkan: penipuan",
        AUTO_REJECTED => "Pesanan dibatalkan otomatis",
        SELLER_REJECTED => "Pesanan ditolak penjual",
        BUYER_CANCELLED => "Pesanan dibatalkan pembeli",
        CREATED => "Pesanan dibuat",
        PAYMENT_PENDING => "Menunggu pembayaran",
        PAID => "Pembayaran diverifikasi",
        PARTNER_APPROVAL => "Menunggu persetujuan mitra",
        ACCEPTED => "Pesanan diproses penjual",
        PICKUP_ASKED => "Menunggu kurir menjemput",
        SHIPPED => "Pesanan dikirim",
        AWB_AWAITED => "Menunggu resi",
        AWB_INVALID => "Resi tidak valid",
        AWB_CORRECTION => "Pembeli meminta perbaikan resi",
        AT_PICKUP_POINT => "Sampai di titik pengambilan",
        550 => "Dikembalikan ke penjual",
        DELIVERED => "Pesanan tiba di tujuan",
        COMPLAINED => "Pesanan dikomplain pembeli",
        690 => "Pemeriksaan penipuan",
        FINISHED => "Pesanan selesai",
        _ => "Status berubah",
    }
}

/// How the channel names who acted.
pub(super) fn actor(by: Actor) -> &'static str {
    match by {
        Actor::Buyer => "buyer",
        Actor::Seller => "seller",
        Actor::System => "system-automatic",
        Actor::Courier => "courier",
    }
}
