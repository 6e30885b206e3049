#!/bin/sh
# Installs the plugin on a node: the program, its flat file, what that names, and the node's name. With `uninstall`, takes away what it has
# installed, and nothing else. It can be repeated at any time, also after it was killed: what is right already is left alone.
# Takes its settings from the environment; docs/installation.md has all of them. Needs no more than busybox has.
set -eu
umask 077
LC_ALL=C
export LC_ALL

usage() {
    cat <<END
usage: install-cni.sh [install | uninstall]

Settings, which docs/installation.md explains: HOST_ROOT, CNI_BIN_DIR, CNI_CONF_DIR, WHEREABOUTS_BINARY, WHEREABOUTS_DATASTORE, NODENAME,
WHEREABOUTS_LOG_FILE, WHEREABOUTS_LOG_LEVEL, WHEREABOUTS_RECONCILER_CRON;
for etcd WHEREABOUTS_ETCD_HOST, WHEREABOUTS_ETCD_SECRET_DIR, WHEREABOUTS_ETCD_CA_CERT_FILE, WHEREABOUTS_ETCD_CERT_FILE, WHEREABOUTS_ETCD_KEY_FILE;
for kubernetes KUBERNETES_SERVICE_HOST, KUBERNETES_SERVICE_PORT, SERVICE_ACCOUNT_PATH, KUBE_CA_FILE, SKIP_TLS_VERIFY, KUBECONFIG_MODE,
WHEREABOUTS_NAMESPACE, WHEREABOUTS_API_GROUP
END
}

say() { printf 'install-cni: %s\n' "$*"; }

# Ends with what is wrong. A value that may be a secret is not given.
refuse() { # variable, value, what is wrong with it and what helps
    printf 'install-cni: %s: "%s" %s\n' "$1" "$2" "$3" >&2
    exit 1
}
fail() { # variable, what is wrong and what helps
    printf 'install-cni: %s %s\n' "$1" "$2" >&2
    exit 1
}

# ---- values

# Ends unless a value can stand in a JSON text: UTF-8 (RFC 3629) without control characters.
require_text() { # variable, value
    case $2 in
        *[[:cntrl:]]*) fail "$1" "has a line break or another control character in it; write it without" ;;
    esac
    printf '%s' "$2" | od -A n -v -t u1 | awk '
        {
            for (i = 1; i <= NF; i++) {
                byte = $i
                if (left > 0) {
                    if (byte < low || byte > high) exit bad = 1
                    low = 128; high = 191; left--
                } else if (byte >= 128) {
                    low = 128; high = 191
                    if (byte >= 194 && byte <= 223) left = 1
                    else if (byte >= 224 && byte <= 239) left = 2
                    else if (byte >= 240 && byte <= 244) left = 3
                    else exit bad = 1
                    if (byte == 224) low = 160
                    if (byte == 237) high = 159
                    if (byte == 240) low = 144
                    if (byte == 244) high = 143
                }
            }
        }
        END { exit bad || left > 0 }
    ' || fail "$1" "is not UTF-8; write it in that encoding"
}

require_match() { # variable, value, extended regular expression, what is wrong and what helps
    # grep looks at each line for itself.
    require_text "$1" "$2"
    printf '%s\n' "$2" | grep -Eqx "$3" || refuse "$1" "$2" "$4"
}

# Ends unless ip-reconciler takes a schedule, whose rules are in Sources/Reconciliation/CronExpression.swift.
require_schedule() { # variable, value
    require_text "$1" "$2"
    flaw=$(printf '%s\n' "$2" | awk '
        function is_number(text) { return text ~ /^[0-9]+$/ && length(text) < 19 }
        function flawed(item, remedy) {
            printf "has the %s \"%s\"; %s", name[field], item, remedy
            exit
        }
        function value(text, item) {
            text = tolower(text)
            if ((field, text) in named) return named[field, text]
            if (is_number(text) && text + 0 >= low[field] && text + 0 <= high[field]) return text + 0
            flawed(item, "write " low[field] " to " high[field] remedy[field])
        }
        # Looks at an item of a list: *, a value or a range, with a step behind it or without.
        function stretch(item,    slash, head, step, dash, first, last, i) {
            slash = index(item, "/")
            head = slash ? substr(item, 1, slash - 1) : item
            step = slash ? substr(item, slash + 1) : 1
            if (!is_number(step) || step + 0 == 0) flawed(item, "its step must be a number of 1 or more")
            dash = index(head, "-")
            if (head == "*" || head == "?") {
                first = low[field]
                last = high[field]
            } else {
                first = value(dash ? substr(head, 1, dash - 1) : head, item)
                last = dash ? value(substr(head, dash + 1), item) : slash ? high[field] : first
                if (first > last) flawed(item, "its range ends before it begins")
            }
            for (i = first; i <= last; i += step) {
                if (field == 3 && (!earliest || i < earliest)) earliest = i
                if (field == 4 && days[i] > longest) longest = days[i]
            }
        }
        BEGIN {
            split("minute,hour,day of the month,month,day of the week", name, ",")
            split("0 0 1 1 0", low, " ")
            split("59 23 31 12 7", high, " ")
            split("31 29 31 30 31 30 31 31 30 31 30 31", days, " ")
            count = split("jan feb mar apr may jun jul aug sep oct nov dec", words, " ")
            for (i = 1; i <= count; i++) named[4, words[i]] = i
            count = split("sun mon tue wed thu fri sat", words, " ")
            for (i = 1; i <= count; i++) named[5, words[i]] = i - 1
            remedy[4] = ", or jan to dec"
            remedy[5] = ", or sun to sat"
        }
        tolower($0) ~ /^@(yearly|annually|monthly|weekly|daily|midnight|hourly)$/ { exit }
        NF != 5 {
            printf "has %d fields; write five, minute hour day-of-month month day-of-week, such as 30 4 * * *", NF
            exit
        }
        {
            for (field = 1; field <= 5; field++) {
                count = split($field, items, ",")
                for (i = 1; i <= count; i++) stretch(items[i])
            }
            # Where both days are restricted, either will do.
            either = $3 !~ /^\*/ && $5 !~ /^\*/ && $3 != "?" && $5 != "?"
            if (!either && earliest > longest + 0) printf "names a date that there never is; check the day against the months"
        }
    ')
    [ -z "$flaw" ] || refuse "$1" "$2" "$flaw"
}

require_absolute() { # variable, value
    require_text "$1" "$2"
    case $2 in
        /*) ;;
        *) refuse "$1" "$2" "must be an absolute path" ;;
    esac
}

require_directory() { # variable, value
    require_absolute "$1" "$2"
    [ -d "$2" ] || refuse "$1" "$2" \
        "is no directory; mount the node's there, or make it. On the node itself set HOST_ROOT=/"
}

# A text as JSON, and YAML too, has it.
quoted() { printf '"%s"' "$(printf '%s' "$1" | sed 's/[\\"]/\\&/g')"; }

# A path without slashes at its end.
without_end() { printf '%s' "$1" | sed 's://*$::'; }

# The path that the node has for a path here.
host_path() {
    case $1 in
        "$root"/*) printf '%s' "${1#"$root"}" ;;
        *) printf '%s' "$1" ;;
    esac
}

# What a file holds, without the line breaks at its end.
contents() { # variable, file
    if [ ! -f "$2" ] || [ ! -r "$2" ]; then
        fail "$1" "leads to $2, which is no file that can be read; check its path and its mode"
    fi
    text=$(cat "$2")
    [ -n "$text" ] || fail "$1" "leads to $2, which is empty; mount what belongs there, or leave it out"
    printf '%s' "$text"
}

# ---- files

# Whether a file is there already as it is to be.
is_current() { # path, mode, contents, or the file that has them
    [ -f "$1" ] && [ ! -L "$1" ] && [ "$(stat -c '%a %u' "$1")" = "$2 $(id -u)" ] || return 1
    if [ -n "${4-}" ]; then
        cmp -s "$4" "$1"
    else
        printf '%s\n' "$3" | cmp -s - "$1"
    fi
}

# Makes a file what it is to be, in one step: whoever opens it finds the old one or the new one, whole, also when the power fails.
place() { # path, mode, contents, or the file that has them
    is_current "$@" && return
    # Two containers may be process 1 both, so the kernel gives a name that nobody else has.
    next=${1%/*}/.install-cni.$(cat /proc/sys/kernel/random/uuid)
    if [ -n "${4-}" ]; then
        cat "$4" >"$next"
    else
        printf '%s\n' "$3" >"$next"
    fi
    chmod "$2" "$next"
    sync "$next"
    mv -f "$next" "$1"
    next=''
    sync "${1%/*}"
    say "wrote $1"
}

# The path of one of our files.
path_of() {
    case $1 in
        whereabouts) printf '%s' "$bin_dir/$1" ;;
        *) printf '%s' "$own_dir/$1" ;;
    esac
}

# Removes those files of a list that another one lacks; names that are none of ours stay.
remove_except() { # list, list of what stays
    for name in $1; do
        case " $2 " in
            *" $name "*) continue ;;
        esac
        case $name in
            whereabouts | whereabouts.conf | whereabouts.kubeconfig | nodename | etcd-ca.crt | etcd-client.pem) ;;
            *) continue ;;
        esac
        path=$(path_of "$name")
        if [ -e "$path" ] || [ -L "$path" ]; then
            rm -f "$path"
            say "removed $path"
        fi
    done
}

# What a run that was killed has left behind.
remove_leftovers() { rm -f "$bin_dir"/.install-cni.* "$own_dir"/.install-cni.* "$own_dir"/whereabouts.kubeconfig.*.part; }

# One run at a time, where there is flock, which not every busybox has: the next pod of a DaemonSet may start while the last one still runs.
take_lock() {
    exec 9<"$conf_dir"
    if command -v flock >/dev/null; then flock 9; fi
}

# The names of the files that were installed, as the record has them.
recorded() { if [ -f "$record" ]; then tr '\n' ' ' <"$record"; fi; }

# ---- what is read from the environment

read_places() {
    root=${HOST_ROOT-/host}
    [ -z "$root" ] || require_absolute HOST_ROOT "$root"
    root=$(without_end "$root")
    bin_dir=${CNI_BIN_DIR:-$root/opt/cni/bin}
    conf_dir=${CNI_CONF_DIR:-$root/etc/cni/net.d}
    require_directory CNI_BIN_DIR "$bin_dir"
    require_directory CNI_CONF_DIR "$conf_dir"
    bin_dir=$(without_end "$bin_dir")
    conf_dir=$(without_end "$conf_dir")
    own_dir=$conf_dir/whereabouts.d
    # Whose the files are that were installed: written ahead of them, and removed behind them.
    record=$own_dir/installed-files
}

read_binary() {
    binary=${WHEREABOUTS_BINARY:-/whereabouts}
    require_absolute WHEREABOUTS_BINARY "$binary"
    if [ ! -f "$binary" ] || [ ! -r "$binary" ] || [ ! -x "$binary" ]; then
        refuse WHEREABOUTS_BINARY "$binary" \
            "is no program; name the file that swift build makes of the product whereabouts"
    fi
    case $("$binary" --version 2>/dev/null || true) in
        "whereabouts "*) ;;
        *) refuse WHEREABOUTS_BINARY "$binary" \
            "does not run here, or is another program; take the one that was built for this machine" ;;
    esac
}

read_settings() {
    log_file=${WHEREABOUTS_LOG_FILE-}
    [ -z "$log_file" ] || require_absolute WHEREABOUTS_LOG_FILE "$log_file"
    log_level=${WHEREABOUTS_LOG_LEVEL-}
    require_text WHEREABOUTS_LOG_LEVEL "$log_level"
    cron=${WHEREABOUTS_RECONCILER_CRON:-30 4 * * *}
    require_schedule WHEREABOUTS_RECONCILER_CRON "$cron"
    node=${NODENAME-}
    [ -z "$node" ] || require_match NODENAME "$node" '[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?' \
        "is no name of a node; take spec.nodeName of the pod, or leave it out"
}

read_etcd() {
    etcd_host=${WHEREABOUTS_ETCD_HOST-}
    [ -n "$etcd_host" ] || fail WHEREABOUTS_ETCD_HOST \
        "is missing; name the endpoints of your etcd, for example 10.0.0.5:2379,10.0.0.6:2379, or set WHEREABOUTS_DATASTORE=kubernetes"
    require_text WHEREABOUTS_ETCD_HOST "$etcd_host"
    ca_file=${WHEREABOUTS_ETCD_CA_CERT_FILE-}
    cert_file=${WHEREABOUTS_ETCD_CERT_FILE-}
    key_file=${WHEREABOUTS_ETCD_KEY_FILE-}
    [ -z "$ca_file" ] || require_absolute WHEREABOUTS_ETCD_CA_CERT_FILE "$ca_file"
    [ -z "$cert_file" ] || require_absolute WHEREABOUTS_ETCD_CERT_FILE "$cert_file"
    [ -z "$key_file" ] || require_absolute WHEREABOUTS_ETCD_KEY_FILE "$key_file"
    secret=${WHEREABOUTS_ETCD_SECRET_DIR-}
    [ -z "$secret" ] || read_secret
}

# Takes what a mounted Secret has, by the keys of the types kubernetes.io/tls and kubernetes.io/basic-auth.
read_secret() {
    variable=WHEREABOUTS_ETCD_SECRET_DIR
    require_absolute $variable "$secret"
    [ -d "$secret" ] || refuse $variable "$secret" "is no directory; mount the Secret there"
    # The files of a mounted Secret are replaced all at once, by a link to a new directory: all are taken from one.
    [ ! -d "$secret/..data" ] || secret=$(cd -P "$secret/..data" && pwd -P)
    if [ -e "$secret/ca.crt" ]; then
        [ -z "$ca_file" ] || fail $variable "has ca.crt beside WHEREABOUTS_ETCD_CA_CERT_FILE; leave one of them out"
        ca=$(contents $variable "$secret/ca.crt")
        ca_file=$(host_path "$own_dir/etcd-ca.crt")
    fi
    if [ -e "$secret/tls.crt" ] || [ -e "$secret/tls.key" ]; then
        [ -z "$cert_file$key_file" ] || fail $variable \
            "has tls.crt or tls.key beside WHEREABOUTS_ETCD_CERT_FILE or WHEREABOUTS_ETCD_KEY_FILE; leave one of them out"
        # One file, so that a call never finds a new certificate with an old key.
        identity=$(contents $variable "$secret/tls.crt")
        identity="$identity
$(contents $variable "$secret/tls.key")"
        cert_file=$(host_path "$own_dir/etcd-client.pem")
        key_file=$cert_file
    fi
    if [ -e "$secret/username" ] || [ -e "$secret/password" ]; then
        username=$(contents $variable "$secret/username")
        require_text "$variable: username" "$username"
        password=$(contents $variable "$secret/password")
        require_text "$variable: password" "$password"
    fi
    [ -n "$ca$identity$username$password" ] || refuse $variable "$secret" \
        "has none of ca.crt, tls.crt, tls.key, username, password; give the Secret's items these names"
}

read_kubernetes() {
    account=${SERVICE_ACCOUNT_PATH:-/var/run/secrets/kubernetes.io/serviceaccount}
    require_absolute SERVICE_ACCOUNT_PATH "$account"
    token=$(contents SERVICE_ACCOUNT_PATH "$account/token")
    require_text "SERVICE_ACCOUNT_PATH: token" "$token"
    case $token in
        *" "*) fail SERVICE_ACCOUNT_PATH "has a token with a blank in it; mount the token of the service account there" ;;
    esac
    namespace=${WHEREABOUTS_NAMESPACE-}
    if [ -z "$namespace" ] && [ -f "$account/namespace" ]; then
        namespace=$(contents SERVICE_ACCOUNT_PATH "$account/namespace")
    fi
    [ -n "$namespace" ] || fail WHEREABOUTS_NAMESPACE \
        "is missing; name the namespace that is to have the objects, for example kube-system"
    require_match WHEREABOUTS_NAMESPACE "$namespace" '[a-z0-9]([a-z0-9-]*[a-z0-9])?' "is no name of a namespace; write it as kubectl get namespaces shows it"
    api_group=${WHEREABOUTS_API_GROUP-}
    require_text WHEREABOUTS_API_GROUP "$api_group"
    kubeconfig_mode=${KUBECONFIG_MODE:-600}
    require_match KUBECONFIG_MODE "$kubeconfig_mode" '0?[4-7][0-7][0-7]' \
        "is no mode of a file that its owner can read; write it as 600"
    kubeconfig_mode=${kubeconfig_mode#"${kubeconfig_mode%???}"}
    read_server
}

read_server() {
    host=${KUBERNETES_SERVICE_HOST-}
    [ -n "$host" ] || fail KUBERNETES_SERVICE_HOST \
        "is missing; a pod has it, elsewhere name the host of the API server, for example 10.96.0.1"
    host=${host#\[}
    host=${host%\]}
    require_match KUBERNETES_SERVICE_HOST "$host" '[0-9A-Za-z.-]+|[0-9A-Fa-f.]*:[0-9A-Fa-f:.]+' \
        "is no host; write its name or its address, and the port into KUBERNETES_SERVICE_PORT"
    case $host in
        *:*) host="[$host]" ;;
    esac
    port=${KUBERNETES_SERVICE_PORT-}
    [ -n "$port" ] || fail KUBERNETES_SERVICE_PORT "is missing; a pod has it, elsewhere it is mostly 443 or 6443"
    require_match KUBERNETES_SERVICE_PORT "$port" '[1-9][0-9]{0,4}' "is no port; write a number from 1 to 65535"
    [ "$port" -le 65535 ] || refuse KUBERNETES_SERVICE_PORT "$port" "is no port; write a number from 1 to 65535"
    [ "${KUBERNETES_SERVICE_PROTOCOL:-https}" = https ] || refuse KUBERNETES_SERVICE_PROTOCOL \
        "$KUBERNETES_SERVICE_PROTOCOL" "is not spoken by this plugin; use https"
    case ${SKIP_TLS_VERIFY:-false} in
        true) trust='insecure-skip-tls-verify: true' ;;
        false)
            ca_name=${KUBE_CA_FILE:+KUBE_CA_FILE}
            authority=$(contents "${ca_name:-SERVICE_ACCOUNT_PATH}" "${KUBE_CA_FILE:-$account/ca.crt}")
            case $authority in
                *"-----BEGIN CERTIFICATE-----"*) ;;
                *) refuse "${ca_name:-SERVICE_ACCOUNT_PATH}" "${KUBE_CA_FILE:-$account/ca.crt}" \
                    "holds no PEM certificate; name the certificate of the API server's CA, or set SKIP_TLS_VERIFY=true" ;;
            esac
            trust="certificate-authority-data: $(printf '%s\n' "$authority" | base64 | tr -d '\n')"
            ;;
        *) refuse SKIP_TLS_VERIFY "$SKIP_TLS_VERIFY" "must be true or false" ;;
    esac
}

# ---- what is written

kubeconfig() { # token
    cat <<END
# Written by install-cni.sh.
apiVersion: v1
kind: Config
clusters:
  - name: local
    cluster:
      server: "https://$host:$port"
      $trust
users:
  - name: whereabouts
    user:
      token: $(quoted "$1")
contexts:
  - name: whereabouts-context
    context:
      cluster: local
      user: whereabouts
      namespace: $(quoted "$namespace")
current-context: whereabouts-context
END
}

member() { # key, value; none for no value
    [ -z "$2" ] || printf ',\n  "%s": %s' "$1" "$(quoted "$2")"
}

# The members of the flat file, with the paths of the files that it names.
members() { # CA, certificate, key, kubeconfig
    printf '  "datastore": "%s"' "$datastore"
    if [ "$datastore" = kubernetes ]; then
        printf ',\n  "kubernetes": {"kubeconfig": %s' "$(quoted "$4")"
        [ -z "$api_group" ] || printf ', "api_group": %s' "$(quoted "$api_group")"
        printf '}'
    else
        member etcd_host "$etcd_host"
        member etcd_ca_cert_file "$1"
        member etcd_cert_file "$2"
        member etcd_key_file "$3"
        member etcd_username "$username"
        member etcd_password "$password"
    fi
    member log_file "$log_file"
    member log_level "$log_level"
    member reconciler_cron_expression "$cron"
}

# Has the program itself look at what it will be given, with files that can be read from here: it is who knows what can be used.
validate() {
    scratch=$(mktemp -d)
    # A flat file of its own, so that what is installed has no say; and no token, which does not matter here.
    echo '{}' >"$scratch/whereabouts.conf"
    if [ "$datastore" = kubernetes ]; then kubeconfig none >"$scratch/kubeconfig"; fi
    set -- "${ca_file:+$root$ca_file}" "${cert_file:+$root$cert_file}" "${key_file:+$root$key_file}"
    [ -z "$ca" ] || set -- "$secret/ca.crt" "$2" "$3"
    [ -z "$identity" ] || set -- "$1" "$secret/tls.crt" "$secret/tls.key"
    for file; do
        # The node's own files may be out of sight.
        if [ -n "$file" ] && [ ! -e "$file" ]; then
            say "note: $file can't be seen from here, so the files for TLS are not checked"
            set -- "" "" ""
        fi
    done
    if flaw=$({
        printf '{"cniVersion": "1.0.0", "name": "install-cni", "type": "bridge", "ipam": {\n'
        printf '"type": "whereabouts", "range": "192.0.2.0/24", "configuration_path": %s,\n' "$(quoted "$scratch")"
        members "$1" "$2" "$3" "$scratch/kubeconfig"
        printf '\n}}\n'
    } | "$binary" validate 2>&1 >/dev/null); then
        printf '%s\n' "$flaw" | sed -n 's/^whereabouts: stdin: note:/install-cni: note:/p'
        return
    fi
    flaw=${flaw##*whereabouts: stdin: }
    flaw=${flaw#invalid configuration: }
    flaw=${flaw%" (CNI code 7)"}
    key=$(printf '%s\n' "$flaw" | sed -n '1s/^\([a-z_.]*\).*/\1/p')
    variable=WHEREABOUTS_$(printf '%s' "${key#kubernetes.}" | tr '[:lower:]' '[:upper:]')
    case $key in
        etcd_host | log_level | kubernetes.api_group) ;;
        etcd_ca_cert_file | etcd_cert_file | etcd_key_file | etcd_username | etcd_password)
            [ -z "$secret" ] || variable=WHEREABOUTS_ETCD_SECRET_DIR ;;
        kubernetes | kubernetes.kubeconfig) variable="KUBERNETES_SERVICE_HOST, KUBERNETES_SERVICE_PORT, KUBE_CA_FILE" ;;
        *) fail WHEREABOUTS_BINARY "does not take what the settings come to: $flaw" ;;
    esac
    fail "$variable:" "$flaw"
}

# What the plugin on this node will not find by itself.
note_flat_file() {
    case $(host_path "$conf_dir") in
        /etc/kubernetes/cni/net.d) ;;
        /etc/cni/net.d)
            other=/etc/kubernetes/cni/net.d/whereabouts.d/whereabouts.conf
            [ ! -e "$root$other" ] || say "note: the plugin reads $other, which is there, and not this flat file" ;;
        *) say "note: networks must name the flat file: \"configuration_path\": $(quoted "$(host_path "$own_dir/whereabouts.conf")")" ;;
    esac
}

install() {
    ca='' identity='' username='' password='' secret='' ca_file='' cert_file='' key_file=''
    read_places
    read_binary
    read_settings
    datastore=${WHEREABOUTS_DATASTORE:-etcd}
    case $datastore in
        etcd) read_etcd ;;
        kubernetes) read_kubernetes ;;
        *) refuse WHEREABOUTS_DATASTORE "$datastore" "must be etcd or kubernetes" ;;
    esac
    validate

    wanted="whereabouts whereabouts.conf"
    [ -z "$node" ] || wanted="$wanted nodename"
    [ -z "$ca" ] || wanted="$wanted etcd-ca.crt"
    [ -z "$identity" ] || wanted="$wanted etcd-client.pem"
    [ "$datastore" = etcd ] || wanted="$wanted whereabouts.kubeconfig"
    for name in $wanted installed-files; do
        path=$(path_of "$name")
        [ ! -d "$path" ] || fail "${path%/*}" "has a directory $name, where a file is to be; move it away"
    done

    take_lock
    [ -d "$own_dir" ] || mkdir -m 755 "$own_dir"
    remove_leftovers
    before=$(recorded)
    every=$wanted
    for name in $before; do
        case " $every " in
            *" $name "*) ;;
            *) every="$every $name" ;;
        esac
    done
    place "$record" 644 "$(printf '%s\n' "$every" | tr ' ' '\n')"
    [ -z "$ca" ] || place "$own_dir/etcd-ca.crt" 600 "$ca"
    [ -z "$identity" ] || place "$own_dir/etcd-client.pem" 600 "$identity"
    [ "$datastore" = etcd ] || place "$own_dir/whereabouts.kubeconfig" "$kubeconfig_mode" "$(kubeconfig "$token")"
    [ -z "$node" ] || place "$own_dir/nodename" 644 "$node"
    place "$own_dir/whereabouts.conf" 600 "{
$(members "$ca_file" "$cert_file" "$key_file" "$(host_path "$own_dir/whereabouts.kubeconfig")")
}"
    # Behind what it needs, so that no pod meets a program that can't serve it yet.
    place "$bin_dir/whereabouts" 755 "" "$binary"
    remove_except "$before" "$wanted"
    place "$record" 644 "$(printf '%s\n' "$wanted" | tr ' ' '\n')"
    note_flat_file
    say "installed $("$binary" --version 2>/dev/null | sed -n 1p) in $bin_dir, with the datastore $datastore"
}

uninstall() {
    read_places
    take_lock
    remove_leftovers
    [ -f "$record" ] || say "nothing is installed in $own_dir"
    remove_except "$(recorded)" ""
    rm -f "$record"
    if [ -d "$own_dir" ] && ! rmdir "$own_dir" 2>/dev/null; then say "$own_dir stays: it has files of others"; fi
    sync "$bin_dir" "$conf_dir"
}

next='' scratch=''
trap 'rm -rf "$next" "$scratch"' EXIT
trap 'exit 130' HUP INT TERM
case $#:${1-install} in
    [01]:install) install ;;
    1:uninstall) uninstall ;;
    1:help | 1:-h | 1:--help) usage ;;
    *)
        usage >&2
        exit 64
        ;;
esac
