-- The name that an order was sold under, where its channel sells under more than one.
ALTER TABLE orders ADD COLUMN sub_platform TEXT;
CREATE INDEX orders_sub_platform ON orders (org_id, shop_id, sub_platform, id) WHERE sub_platform IS NOT NULL;

-- How many of these orders each view holds, as in tab_count.
CREATE TABLE sub_platform_count (
    org_id BIGINT NOT NULL,
    shop_id BIGINT NOT NULL,
    sub_platform TEXT NOT NULL,
    tab TEXT NOT NULL,
    orders BIGINT NOT NULL,
    PRIMARY KEY (org_id, shop_id, sub_platform, tab)
) WITHOUT ROWID;
