-- Saved reports on the dashboard: one's own, and those that everybody has there.
CREATE TABLE report_pin (
    id          @id PRIMARY KEY,
    staff_id    @id NOT NULL REFERENCES staff (id),   -- who put it there; unless shared, whose it is
    shared      @bool NOT NULL,           -- on everybody's dashboard
    report_id   @id REFERENCES report (id),           -- none: the report is gone
    name        @text NOT NULL,           -- of the report when it was put there
    width       @int NOT NULL CHECK (width BETWEEN 1 AND 3),  -- in thirds of the dashboard
    place       @int NOT NULL,            -- smaller first, among the shared ones or those of one person
    created_at  @int NOT NULL
) @strict;
CREATE UNIQUE INDEX report_pin_shared ON report_pin (report_id) WHERE shared;
CREATE UNIQUE INDEX report_pin_own ON report_pin (staff_id, report_id) WHERE NOT shared;
CREATE INDEX report_pin_report ON report_pin (report_id);
