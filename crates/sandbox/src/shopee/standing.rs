//! How the app or a shop stands with the channel: what it holds against them until it is let go.
//!
//! A ban, a promotion, a courier of another kind: the channel's documents name the code, and nothing that a
//! client says brings it about. The control API does.

use super::Shopee;
use super::errors::{self, Error};
use crate::channel::Refusal;
use crate::faults::EVERY_SHOP;
use crate::lock;

/// A code that a standing may have.
#[derive(Debug)]
pub(super) struct Standing {
    code: &'static str,
    status: u16,
    /// The one endpoint that it is of, by its name in the call log; "" of all.
    at: &'static str,
    words: &'static str,
}

const fn of(code: &'static str, status: u16, at: &'static str, words: &'static str) -> Standing {
    Standing { code, status, at, words }
}

/// What the channel may hold against the app or a shop. Of the status of HTTP nothing is documented: what is
/// about who asks has 403, as was seen of its like, and the rest 200.
#[rustfmt::skip]
const STANDINGS: [Standing; 42] = [
    of("invalid_access_token", 403, "", "Invalid access_token."),
    of("partner_shop_no_link", 403, "", "Partner and shop has no linked."),
    of("shop_banned", 403, "", "The shop account has been banned."),
    of("api_suspended", 403, "", "The API is suspended for this app."),
    of("error_kyc_auth", 403, "", "The account has not passed KYC."),
    of("error_partner_key_expired", 403, "", "The partner key has expired."),
    of("source_ip_undeclared", 403, "", "The source IP is not declared."),
    of("error_api_permission", 403, "", "No permission to current api."),
    of("error_ashop_api_permission", 403, "", "No permission to current api for this shop."),
    of("invalid_partner_id", 403, "", "Invalid partner_id."),
    of("error_limit", 200, "", "The daily quota of this app is used up."),
    of("error_network", 200, "", "Our network has a problem, please try later."),
    of("error_inner", 200, "", "System error, please try again later or contact the OpenAPI support team."),
    of("error_system_busy", 200, "", "Our system is taking some time to respond, please try later."),
    of("error_data", 200, "", "The data could not be read, please try later."),
    of("common.invalid_shop", 200, "tracking_number", "Shop id is invalid. Please check your shop."),
    of("logistics.error_param", 200, "tracking_number", "The order is being allocated, please wait until the allocate is completed."),
    of("logistics.invalid_error", 200, "tracking_number", "The order is not exist."),
    of("logistics.invalid_address_version", 200, "tracking_number", "Some addresses are no longer supported per new regulation."),
    of("logistics.cancel_forder_failed", 200, "cancel_answer", "Cancel forder failed."),
    of("order.order_status_invalid", 200, "cancel_answer", "Invalid order_status.The order status should be IN_CANCEL."),
    of("logistics.ship_order_need_branch_id", 200, "ship", "The courier wants a branch_id."),
    of("logistics.lack_of_invoice_data", 200, "ship", "The invoice of this order is lacking."),
    of("logistics.warehouse_stock_insufficient", 200, "ship", "The stock of the warehouse is insufficient."),
    of("error_config", 200, "label_create", "Something is wrong, please try again later."),
    of("logistics.can_not_print_combine_order", 200, "label_create", "This order is part of a combined parcel, please use Seller Center instead."),
    of("logistics.can_not_print_jit_order", 200, "label_create", "This shipping channel only supports document printing in Shopee seller center"),
    of("logistics.error_booking_order", 200, "label_create", "This order is matched order with booking, don't need arrange shipment through seller side."),
    of("error.param", 200, "stock_update", "Can not update item with stock less than reserved stock"),
    of("error_busi", 200, "stock_update", "The merchant/shop has multi warehouse, please input location id"),
    of("error_busi_cannot_edit_vsku", 200, "stock_update", "Can not use OpenAPI to edit/create VSKU, please connect with your manager"),
    of("error_cannt_edit_stock_in_promotion", 200, "stock_update", "Normal_stock cannot be edited when item is under promotion."),
    of("error_holiday_mode_change_stock", 200, "stock_update", "Cannot change stock in holiday mode."),
    of("error_in_item_promotion_nomodel_to_models", 200, "stock_update", "Can't to edit item stock directly while item has models."),
    of("error_item_uneditable", 200, "stock_update", "Can't edit this item. item status can not support editing."),
    of("error_model_update_stock_model_in_promotion", 200, "stock_update", "Model stock cannot be editted when item/model is promotion."),
    of("error_nil_shopid_or_itemid", 200, "stock_update", "Query information failed."),
    of("error_param_shop_id_not_found", 200, "stock_update", "Shop_id is not found."),
    of("error_perm_non_admin", 200, "stock_update", "Don't have permission."),
    of("error_promotion_cantnot_update_stock", 200, "stock_update", "Cannot change stock when item is under promotion."),
    of("error_seller_under_penalty", 200, "stock_update", "The shop is under penalty."),
    of("error_wms_shop_block_upate_stock", 200, "stock_update", "Warehouse shop can't update stock."),
];

impl Shopee {
    /// Has the channel hold something against a shop, or, without one, against the app; "" lets it go.
    pub(super) fn hold_against(&self, shop_id: Option<i64>, code: &str) -> Result<(), Refusal> {
        let shop_id = shop_id.unwrap_or(EVERY_SHOP);
        if shop_id != EVERY_SHOP && !lock(&self.desk.books).shops.contains_key(&shop_id) {
            return Err(Refusal::NotFound(format!("there is no shop {shop_id}")));
        }
        let mut standings = lock(&self.standings);
        if code.is_empty() {
            standings.remove(&shop_id);
            return Ok(());
        }
        let found = STANDINGS.iter().find(|it| it.code == code);
        let found = found.ok_or_else(|| Refusal::Invalid(format!("{code:?} is no standing")))?;
        standings.insert(shop_id, found);
        Ok(())
    }

    /// Refuses what the channel holds against a shop at an endpoint; at "" what it holds at all of them.
    pub(super) fn stands(&self, shop_id: i64, at: &str) -> Result<(), Error> {
        let standings = lock(&self.standings);
        let held = standings.get(&shop_id).or_else(|| standings.get(&EVERY_SHOP));
        match held.filter(|it| it.at == at) {
            Some(held) => Err(errors::held(held.status, held.code, held.words)),
            None => Ok(()),
        }
    }
}
