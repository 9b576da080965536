//! Lists of hosts, and the servers of databases.

use super::*;

#[test]
fn brokers_are_lists_of_hosts() {
    pass(
        &["hosts"],
        &[
            "kafka:9092",
            "b-1.cluster.kafka.us-east-1.amazonaws.com:9096,b-2.cluster.kafka.us-east-1.amazonaws.com:9096",
            "pkc-4r297.europe-west1.gcp.confluent.cloud:9092",
            "192.0.2.7:9092,[2001:db8::7]:9092",
            "kafka",
        ],
    );
    pass(
        &["nats", "tls", "ws", "wss", "hosts"],
        &["nats://a:4222", "nats://a:4222,tls://b:4222,c:4222", "a:4222,b:4222", "demo.nats.io"],
    );
    pass(&["host", "amqp", "amqps"], &["rabbit", "rabbit:5672", "amqps://a:5671,amqps://b/vhost"]);
    pass(&["host", "mq"], &["mq.example.com", "mq.example.com(1414)", "a(1414),b(1415),c"]);
    pass(&["https", "http", "host"], &["x.weaviate.network", "https://x.weaviate.network"]);
    let hosts = standard();
    refused(
        &["hosts"],
        &hosts,
        &[
            ("a:9092, b:9092", SPACE),
            ("a:9092,", HOST),
            (",a:9092", HOST),
            ("a:9092;b:9092", HOST),
            ("PLAINTEXT://a:9092", FORM),
            ("a:9092,http://b", FORM),
            ("a:9092,169.254.169.254:80", DENIED),
            ("a:9092,user:hush@b", USER),
            ("a/b", HOST),
            ("data:text", PORT),
        ],
    );
    refused(
        &["nats", "hosts"],
        &hosts,
        &[
            ("nats://a:4222,http://b", FORM),
            ("nats://a:4222,nats://169.254.169.254", DENIED),
            ("nats://a:4222,169.254.169.254", DENIED),
            ("nats://a:4222,hush@b:4222", USER),
            ("nats://user:hush@a:4222", USER),
            ("nats://a:4222/?password=hush,nats://b", SECRET),
            ("nats://a/,,nats://b", HOST),
        ],
    );
    refused(
        &["host", "mq"],
        &hosts,
        &[
            ("a(0)", PORT),
            ("a()", PORT),
            ("a(1414", HOST),
            ("a(1414)x", HOST),
            ("a(1414),169.254.169.254(1414)", DENIED),
            ("u@a(1414)", USER),
            ("javascript:alert(1)", HOST),
        ],
    );
}

#[test]
fn jdbc_urls_name_their_hosts() {
    pass(
        &["jdbc"],
        &[
            "jdbc:postgresql://db.example.com:5432/vectors",
            "jdbc:postgresql://a:5432,b:5432/db?targetServerType=primary&loadBalanceHosts=true",
            "JDBC:postgresql://[2001:db8::7]:5432/db?sslmode=verify-full",
            "jdbc:mysql://db:3306/x?useSSL=false&allowPublicKeyRetrieval=true",
            "jdbc:mysql:loadbalance://a:3306,b:3306/x",
            "jdbc:mysql+srv://db.example.com/x",
            "jdbc:mariadb:sequential://a,b/x",
            "jdbc:sqlserver://db.example.com:1433;databaseName=x;encrypt=true",
            "jdbc:sqlserver://x.database.windows.net;hostNameInCertificate=*.database.windows.net",
            "jdbc:db2://db.example.com:50000/sample:currentSchema=x;",
            "jdbc:oracle:thin:@//db.example.com:1521/service",
            "jdbc:oracle:thin:@db.example.com:1521:ORCL",
            "jdbc:oracle:thin:@db.example.com:1521/service",
            "jdbc:oracle:thin:@db.example.com/service",
            "jdbc:oracle:thin:@tcps://a,b:2484/service",
            "jdbc:oracle:thin:@(DESCRIPTION=(ADDRESS=(PROTOCOL=TCP)(HOST=db)(PORT=1521))(CONNECT_DATA=(SERVER=DEDICATED)(SERVICE_NAME=x)))",
            "jdbc:clickhouse:https://db.example.com:8443/x",
            "jdbc:snowflake://account.snowflakecomputing.com/?db=x&warehouse=y",
        ],
    );
    let no_host = "must be a JDBC URL that names its host";
    refused(
        &["jdbc"],
        &standard(),
        &[
            ("jdbc:postgresql:db", no_host),
            ("jdbc:postgresql:///db", no_host),
            ("jdbc:h2:mem:test", no_host),
            ("jdbc:h2:~/test", no_host),
            ("jdbc:sqlite:/var/lib/x.db", no_host),
            ("jdbc:derby:db;create=true", no_host),
            ("jdbc://db/x", no_host),
            ("jdbc:/x//db/x", no_host),
            ("jdbc:sqlserver://;serverName=db", no_host),
            ("jdbc:oracle:thin:@alias", no_host),
            ("jdbc:oracle:thin:@//alias", no_host),
            ("jdbc:oracle:thin:@(DESCRIPTION=(ADDRESS=(PROTOCOL=TCP)(PORT=1)))", no_host),
            ("jdbc:oracle:thin:@ldap://ldap.example.com/x", PORT),
            ("jdbc:oracle:thin:@a:1,b:2,c:3:SID", PORT),
            ("jdbc:", no_host),
            ("postgresql://db/x", FORM),
            ("https://db/x", FORM),
            ("db:5432", FORM),
            ("jdbc:postgresql://db:0/x", PORT),
            ("jdbc:postgresql://db:5432:5432/x", HOST),
            ("jdbc:mysql://address=(host=db)(port=3306)/x", HOST),
            ("jdbc:mysql://(host=db,port=3306)/x", HOST),
            ("jdbc:mysql://[a:1,b:2]/x", V6),
            ("jdbc:sqlserver://db\\instance", CHARACTER),
            ("jdbc:postgresql://db/x#y", CHARACTER),
            ("jdbc:postgresql://db/x y", SPACE),
            ("jdbc:mysql://user:hush@db/x", USER),
            ("jdbc:mysql://hush@db/x", USER),
            ("jdbc:postgresql://db/x?user=hush@corp", USER),
            ("jdbc:oracle:thin:scott/hush@//db:1521/x", USER),
            ("jdbc:oracle:thin:scott/hush@db:1521:x", USER),
            ("jdbc:oracle:thin:@//user@db:1521/x", USER),
            ("jdbc:oracle:thin:@db:1521/x@evil.example", USER),
            ("jdbc:postgresql://db/x?user=u&password=hush", SECRET),
            ("jdbc:postgresql://db/x?p%61ssword=hush", SECRET),
            ("jdbc:sqlserver://db;user=sa;password=hush", SECRET),
            ("jdbc:sqlserver://db;pwd=hush", SECRET),
            ("jdbc:db2://db:50000/x:user=u;password=hush;", SECRET),
            ("jdbc:db2://db:50000/x:password=hush", SECRET),
            ("jdbc:databricks://db:443/default;AuthMech=3;PWD=hush", SECRET),
            ("jdbc:mysql://db/x?trustCertificateKeyStorePassword=hush", SECRET),
            (
                "jdbc:oracle:thin:@(DESCRIPTION=(ADDRESS=(HOST=db))(SECURITY=(PASSWORD=hush)))",
                SECRET,
            ),
            ("jdbc:postgresql://169.254.169.254/x", DENIED),
            ("jdbc:postgresql://a,169.254.169.254:5432/x", DENIED),
            ("jdbc:postgresql://db/x?PGHOST=169.254.169.254", DENIED),
            ("jdbc:mysql://db/x?socksProxyHost=169.254.169.254", DENIED),
            ("jdbc:sqlserver://db;failoverPartner=169.254.169.254", DENIED),
            ("jdbc:sqlserver://db;serverName=169.254.169.254", DENIED),
            ("jdbc:oracle:thin:@169.254.169.254:1521:x", DENIED),
            ("jdbc:oracle:thin:@//a,169.254.169.254/x", DENIED),
            (
                "jdbc:oracle:thin:@(ADDRESS_LIST=(ADDRESS=(host=a))(ADDRESS=(host=169.254.169.254)))",
                DENIED,
            ),
            ("jdbc:postgresql://2852039166/x", V4),
        ],
    );
}
