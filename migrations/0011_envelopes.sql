-- What a destination gets: the bytes alone, or the whole event as CloudEvents has it.
alter table destinations add column envelope text not null default 'none' check (envelope in ('none', 'cloudevents'));
