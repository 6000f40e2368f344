-- The database's roles, once, by its superuser (psql; passwords from the environment).
-- What each may do with which table is granted by the migrations (calllist/migrations/grants.py).
--
--   calllist          owns the database, runs migrations; no process of the platform uses it
--   calllist_web      the web
--   calllist_worker   worker and beat
--   calllist_intake   the intake process: inserts and nothing else
\set ON_ERROR_STOP on
\getenv owner_password OWNER_PASSWORD
\getenv web_password WEB_PASSWORD
\getenv worker_password WORKER_PASSWORD
\getenv intake_password INTAKE_PASSWORD
create role calllist login password :'owner_password';
create role calllist_web login password :'web_password';
create role calllist_worker login password :'worker_password';
create role calllist_intake login password :'intake_password';
revoke all on database calllist from public;
alter database calllist owner to calllist;
grant connect on database calllist to calllist_web, calllist_worker, calllist_intake;
