-- How far POST /__test/clock has moved the clock of every process of this installation. Development alone; no row in production.
create table limits.test_clock (
  id        smallint primary key default 1 check (id = 1),
  moved_ms  bigint not null
);
grant select, insert, update on limits.test_clock to portico_control, portico_data, portico_worker;
