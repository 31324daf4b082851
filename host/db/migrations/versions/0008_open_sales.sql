-- A kiosk's open sale is found by its card, too: another terminal may see how it ended.
CREATE INDEX unsettled_by_card ON unsettled (uid, issue);
