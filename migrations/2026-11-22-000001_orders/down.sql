DROP TABLE order_history, shipments, payment_transactions, payments, order_adjustments, order_lines, orders;
DROP SEQUENCE order_numbers;
