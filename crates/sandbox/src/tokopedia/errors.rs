//! The channel's error codes that the sandbox gives, each with its HTTP status and reason.
//!
//! The channel does not document a status per code; this is the convention of the wire notes:
//! 400 for the caller's mistakes, 403 for access, 500 for the channel's own trouble.

/// One refusal of the channel.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Error {
    pub(super) code: &'static str,
    pub(super) status: u16,
    pub(super) reason: &'static str,
}

const fn mistake(code: &'static str, reason: &'static str) -> Error {
    Error { code, status: 400, reason }
}

const fn access(code: &'static str, reason: &'static str) -> Error {
    Error { code, status: 403, reason }
}

const fn trouble(code: &'static str, reason: &'static str) -> Error {
    Error { code, status: 500, reason }
}

pub(super) const UNAUTHORIZED: Error = Error { code: "", status: 401, reason: "invalid token" };
pub(super) const TOO_MANY: Error = Error { code: "", status: 429, reason: "too many requests" };
pub(super) const UNLINKED: Error = access("RBAC_MDLW_001", "FS is not linked with the shop");

pub(super) const FS_EMPTY: Error = mistake("ORD_DLV_001", "fs_id is empty");
pub(super) const FS_BAD: Error = mistake("ORD_DLV_002", "fs_id is not valid");
pub(super) const KEY_EMPTY: Error = mistake("ORD_DLV_003", "order_id and invoice_num are empty");
pub(super) const KEY_BOTH: Error =
    mistake("ORD_DLV_004", "order_id and invoice_num are both given");
pub(super) const ORDER_BAD: Error = mistake("ORD_DLV_005", "order_id is not valid");
pub(super) const SHOP_BAD: Error = mistake("ORD_DLV_006", "shop_id is not valid");
pub(super) const WAREHOUSE_BAD: Error = mistake("ORD_DLV_007", "warehouse_id is not valid");
pub(super) const SHOP_AND_WAREHOUSE: Error =
    mistake("ORD_DLV_008", "give one of shop_id and warehouse_id");
pub(super) const FROM_EMPTY: Error = mistake("ORD_DLV_009", "from_date is empty");
pub(super) const FROM_BAD: Error = mistake("ORD_DLV_010", "from_date is not valid");
pub(super) const TO_EMPTY: Error = mistake("ORD_DLV_011", "to_date is empty");
pub(super) const TO_BAD: Error = mistake("ORD_DLV_012", "to_date is not valid");
pub(super) const WINDOW_WIDE: Error = mistake("ORD_DLV_013", "Date Range must be less than 3 days");
pub(super) const PAGE_EMPTY: Error = mistake("ORD_DLV_014", "page is empty");
pub(super) const PAGE_BAD: Error = mistake("ORD_DLV_015", "page is not valid");
pub(super) const PER_PAGE_EMPTY: Error = mistake("ORD_DLV_016", "per_page is empty");
pub(super) const PER_PAGE_BAD: Error = mistake("ORD_DLV_017", "per_page is not valid");
pub(super) const STATUS_BAD: Error = mistake("ORD_DLV_018", "status is not valid");
pub(super) const BODY_UNREADABLE: Error = mistake("ORD_DLV_019", "body can not be read");
pub(super) const BODY_NO_JSON: Error = mistake("ORD_DLV_020", "body is not valid JSON");
pub(super) const AWB_EMPTY: Error = mistake("ORD_DLV_021", "shipping_ref_num is empty");
pub(super) const STATUS_UNSUPPORTED: Error =
    mistake("ORD_DLV_023", "order status is not supported");
pub(super) const NEXT_ORDER_BAD: Error = mistake("ORD_DLV_025", "next_order_id is not valid");

pub(super) const NOT_ACCEPTABLE: Error =
    mistake("ORD_USC_001", "order status is not eligible to accept");
pub(super) const NOT_THIS_WAREHOUSE: Error =
    mistake("ORD_USC_003", "order is not from this warehouse");
pub(super) const NEEDS_CHANNEL_WAREHOUSE: Error =
    mistake("ORD_USC_004", "order is fulfilled by the channel's own warehouse");
pub(super) const ACCEPT_UPSTREAM: Error = trouble("ORD_USC_007", "failed to accept order");
pub(super) const NOT_REJECTABLE: Error =
    mistake("ORD_USC_008", "order status is not eligible to reject");
pub(super) const REASON_EMPTY: Error = mistake("ORD_USC_009", "reason is needed");
pub(super) const PRODUCTS_UNREADABLE: Error =
    mistake("ORD_USC_010", "empty_products can not be read");
pub(super) const PRODUCT_NOT_IN_ORDER: Error =
    mistake("ORD_USC_011", "product id does not match the order");
pub(super) const CLOSE_DATE_NEEDED: Error =
    mistake("ORD_USC_012", "shop close date and note are needed");
pub(super) const CLOSE_DATE_BAD: Error = mistake("ORD_USC_013", "shop close date is not valid");
pub(super) const REJECT_UPSTREAM: Error = trouble("ORD_USC_014", "failed to reject order");
pub(super) const NO_CANCEL_REQUEST: Error =
    mistake("ORD_USC_019", "buyer must first ask to cancel");
pub(super) const REJECT_NOT_ALLOWED: Error = mistake("ORD_USC_020", "not allowed to reject");
pub(super) const SHOP_NOT_LINKED: Error =
    mistake("ORD_USC_024", "fs_id is not linked with the shop");

pub(super) const UPSTREAM: Error = trouble("ORD_API_006", "There Are Error From Ext Service");
pub(super) const ORDER_UNKNOWN: Error = mistake("ORD_API_008", "Data Not Found");
pub(super) const PARTIAL_STATUS: Error =
    mistake("ORD_API_010", "order is not eligible for partial fulfilment");
pub(super) const PARTIAL_EMPTY: Error = mistake("ORD_API_011", "pof_detail is empty");
pub(super) const PARTIAL_LINE: Error = mistake("ORD_API_012", "order_dtl_id is not in the order");
pub(super) const PARTIAL_QUANTITY: Error =
    mistake("ORD_API_013", "quantity_request is out of range");
pub(super) const CANCEL_REQUEST_NOT_YOURS: Error =
    mistake("ORD_API_016", "fs is not authorised to reject the cancel request");

pub(super) const LIST_SHOP_BAD: Error = mistake("PRD_DLV_002", "shop_id is not valid");
pub(super) const LIST_PAGE_NEEDED: Error = mistake("PRD_DLV_003", "page is needed with shop_id");
pub(super) const LIST_PER_PAGE_BAD: Error = mistake("PRD_DLV_005", "per_page is not valid");
pub(super) const LIST_SORT_RANGE: Error = mistake("PRD_DLV_008", "sort must between 1 to 10");
pub(super) const LIST_PER_PAGE_RANGE: Error =
    mistake("PRD_DLV_009", "per_page must between 1 to 50");
pub(super) const ROWS_UNREADABLE: Error = mistake("PRD_DLV_012", "body can not be read");
pub(super) const STOCK_SHOP_EMPTY: Error = mistake("PRD_DLV_015", "shop_id is empty");
pub(super) const ROWS_TOO_MANY: Error =
    mistake("PRD_DLV_016", "Max allowed products per-update are 100 products");
pub(super) const STOCK_WAREHOUSE_BAD: Error = mistake("PRD_DLV_018", "warehouse_id is not valid");
pub(super) const STOCK_NEGATIVE: Error = mistake("PRD_DLV_019", "stock value is not allowed");
pub(super) const STOCK_NO_INT: Error =
    mistake("PRD_DLV_038", "Invalid field [new_stock] format, value should be int");
pub(super) const ROWS_NO_ARRAY: Error = mistake("PRD_DLV_042", "invalid body");
pub(super) const ROW_KEY_EMPTY: Error = mistake("PRD_DLV_043", "sku and product_id are empty");
pub(super) const PRODUCTS_UPSTREAM: Error = trouble("PRD_GRPC_001", "internal error");
pub(super) const PRODUCT_UNKNOWN: Error = mistake("PRD_GRPC_003", "product not found");

pub(super) const SHIP_UPSTREAM: Error = trouble("LGS_USC_006", "failed to confirm shipping");
pub(super) const PICKUP_UPSTREAM: Error = trouble("LGS_USC_007", "failed to request pick up");
pub(super) const PICKUP_REFUSED: Error = mistake("LGS_USC_012", "order can not be picked up");
pub(super) const PICKUP_BODY_BAD: Error = mistake("LGS_DLV_003", "body can not be read");
pub(super) const PICKUP_ORDER_BAD: Error = mistake("LGS_DLV_004", "order_id is not valid");
pub(super) const PICKUP_SHOP_BAD: Error = mistake("LGS_DLV_005", "shop_id is not valid");

pub(super) const SHOP_INFO_BAD: Error = mistake("SHP_DLV_001", "shop_id is not valid");
pub(super) const TICKET_DATES_BAD: Error =
    mistake("RESO_DLV_002", "from_date and to_date must be YYYY-MM-DD");

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const ALL: [Error; 68] = [
        UNLINKED,
        FS_EMPTY,
        FS_BAD,
        KEY_EMPTY,
        KEY_BOTH,
        ORDER_BAD,
        SHOP_BAD,
        WAREHOUSE_BAD,
        SHOP_AND_WAREHOUSE,
        FROM_EMPTY,
        FROM_BAD,
        TO_EMPTY,
        TO_BAD,
        WINDOW_WIDE,
        PAGE_EMPTY,
        PAGE_BAD,
        PER_PAGE_EMPTY,
        PER_PAGE_BAD,
        STATUS_BAD,
        BODY_UNREADABLE,
        BODY_NO_JSON,
        AWB_EMPTY,
        STATUS_UNSUPPORTED,
        NEXT_ORDER_BAD,
        NOT_ACCEPTABLE,
        NOT_THIS_WAREHOUSE,
        NEEDS_CHANNEL_WAREHOUSE,
        ACCEPT_UPSTREAM,
        NOT_REJECTABLE,
        REASON_EMPTY,
        PRODUCTS_UNREADABLE,
        PRODUCT_NOT_IN_ORDER,
        CLOSE_DATE_NEEDED,
        CLOSE_DATE_BAD,
        REJECT_UPSTREAM,
        NO_CANCEL_REQUEST,
        REJECT_NOT_ALLOWED,
        SHOP_NOT_LINKED,
        UPSTREAM,
        ORDER_UNKNOWN,
        PARTIAL_STATUS,
        PARTIAL_EMPTY,
        PARTIAL_LINE,
        PARTIAL_QUANTITY,
        CANCEL_REQUEST_NOT_YOURS,
        LIST_SHOP_BAD,
        LIST_PAGE_NEEDED,
        LIST_PER_PAGE_BAD,
        LIST_SORT_RANGE,
        LIST_PER_PAGE_RANGE,
        ROWS_UNREADABLE,
        STOCK_SHOP_EMPTY,
        ROWS_TOO_MANY,
        STOCK_WAREHOUSE_BAD,
        STOCK_NEGATIVE,
        STOCK_NO_INT,
        ROWS_NO_ARRAY,
        ROW_KEY_EMPTY,
        PRODUCTS_UPSTREAM,
        PRODUCT_UNKNOWN,
        SHIP_UPSTREAM,
        PICKUP_UPSTREAM,
        PICKUP_REFUSED,
        PICKUP_BODY_BAD,
        PICKUP_ORDER_BAD,
        PICKUP_SHOP_BAD,
        SHOP_INFO_BAD,
        TICKET_DATES_BAD,
    ];

    /// The test that walks the document proves each row; this one proves that no row is missing.
    #[test]
    fn every_code_stands_in_the_document() {
        let document = include_str!("../../../../docs/sandbox.md");
        let table = document.split("<!-- errors -->").nth(1).unwrap();
        let rows = table.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
        let documented: BTreeSet<_> = rows.filter(|code| *code != "(empty)").collect();
        let given: BTreeSet<_> = ALL.iter().map(|error| error.code).collect();
        assert_eq!(given, documented);
    }
}
