#!/usr/bin/env bash
# Try Impasto as a newcomer would: a bare Debian with python3, python3-venv and gimp, an ordinary user whose home has a
# space and an umlaut in its name; install, paint from GIMP, install again, uninstall, compare the home.
#
#   sudo tests/install/bare_root.sh trixie     (or forky; 10 GB of disk, 10 minutes; too heavy for every run)
set -euo pipefail
suite=${1:-trixie}
if [ -z "${IN_NAMESPACE:-}" ]; then   # mounts vanish with the namespace, whatever happens
  exec env IN_NAMESPACE=1 unshare --mount --propagation private "$0" "$@"
fi
checkout=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
root=$(mktemp -d)
trap 'umount -R "$root/proc" "$root/dev" 2>/dev/null || true; rm -rf --one-file-system "$root"' EXIT
mirror=$(grep -rhoE 'https?://[^ ]*/debian/?( |$)' /etc/apt/sources.list /etc/apt/sources.list.d 2>/dev/null | head -n 1 || true)

echo "== A bare $suite"
mmdebstrap --quiet --variant=apt --aptopt='Acquire::Check-Valid-Until "false"' \
  --include=ca-certificates,passwd,python3,python3-venv,gimp "$suite" "$root" "${mirror:-http://deb.debian.org/debian}"
cp /etc/resolv.conf "$root/etc/resolv.conf"
cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
home="/home/Käthe Kollwitz"
chroot "$root" useradd --create-home --home-dir "$home" --shell /bin/bash kaethe
mkdir "$root/opt/impasto"
git -C "$checkout" archive HEAD | tar -x -C "$root/opt/impasto"

user=$(chroot "$root" id -u kaethe)
as_user() {
  chroot --userspec="$user:$user" "$root" /usr/bin/env -i HOME="$home" PATH=/usr/bin:/bin LANG=C.UTF-8 \
    ${PIP_CERT:+PIP_CERT="$PIP_CERT"} ${https_proxy:+https_proxy="$https_proxy"} "$@"
}
# GIMP's own files change whenever it runs: of those, only the names count.
snapshot() {
  (cd "$root$home" && find . -not -path './.config/GIMP/*' -type f -exec sha256sum {} + && find . | grep -v /GIMP/.*/tmp/) | sort
}

cat >"$root/opt/paint.py" <<'PY'
def paint():
    image = Gimp.Image.new(160, 120, Gimp.ImageBaseType.RGB)
    layer = Gimp.Layer.new(image, "photo", 160, 120, Gimp.ImageType.RGB_IMAGE, 100.0, Gimp.LayerMode.NORMAL)
    image.insert_layer(layer, None, 0)
    layer.fill(Gimp.FillType.WHITE)
    image.select_ellipse(Gimp.ChannelOps.REPLACE, 30, 20, 90, 80)
    layer.edit_fill(Gimp.FillType.FOREGROUND)
    Gimp.Selection.none(image)
    procedure = Gimp.get_pdb().lookup_procedure("plug-in-impasto-style-transfer")
    assert procedure, "GIMP does not see the filter"
    print("MENU", *procedure.get_menu_paths(), procedure.get_menu_label(), flush=True)
    config = procedure.create_config()
    config.set_property("image", image)
    config.set_property("quality", "draft")
    config.set_core_object_array("drawables", [layer])
    status = procedure.run(config).index(0)
    assert status == Gimp.PDBStatusType.SUCCESS, Gimp.get_pdb().get_last_error()
    assert len(image.get_layers()) == 2, "no new layer"
    print("PAINTED", [layer.get_name() for layer in image.get_layers()], flush=True)
paint()
PY

echo "== GIMP is started once, as its user has done"
as_user gimp-console --no-interface --quit >/dev/null 2>&1
before=$(snapshot)

echo "== Command one"
time as_user python3 /opt/impasto/install/install.py
as_user du -sh "$home/.local/share/impasto"
# A bare system's GIMP has no ZeroMQ: what it paints with is what was put beside the filter.
if chroot "$root" python3 -c 'import zmq' 2>/dev/null; then echo "This root has a ZeroMQ of its own."; exit 1; fi
for libraries in "$root$home"/.config/GIMP/3.*/plug-ins/impasto-filter/libraries; do
  as_user PYTHONPATH="${libraries#"$root"}" PYTHONDONTWRITEBYTECODE=1 python3 -c 'import zmq; print("pyzmq", zmq.__version__)'
done

echo "== GIMP paints"
time as_user gimp-console -i --batch-interpreter=python-fu-eval -b "exec(open('/opt/paint.py').read())" --quit 2>&1 |
  grep -E 'MENU|PAINTED|Error|error:' | tee "$root/tmp/painted"
grep -q 'MENU <Image>/Filters/Artistic' "$root/tmp/painted"
grep -q PAINTED "$root/tmp/painted"
as_user /usr/bin/find "$home/.local/share/impasto" -path '*/bin/impasto' -exec {} status \;

echo "== The doctor"
time as_user /usr/bin/find "$home/.local/share/impasto" -path '*/bin/impasto' -exec {} doctor \;

echo "== Command one again"
as_user python3 /opt/impasto/install/install.py | tee "$root/tmp/again"
grep -q 'nothing to do' "$root/tmp/again"

echo "== And away with it"
as_user python3 /opt/impasto/install/install.py --uninstall
after=$(snapshot)
diff <(echo "$before") <(echo "$after") && echo "The home is as it was before."
